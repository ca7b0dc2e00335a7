import fc from 'fast-check';
import { conflictOf } from '../../src/conflicts/conflict-of.ts';
import { resolutionStep } from '../../src/conflicts/resolution-step.ts';
import type { Base, ISyncEntity, Version } from '../../src/core/entity.ts';
import type { SyncErrorInfo } from '../../src/core/errors.ts';
import { composeWrite, type OperationMark } from '../../src/outbox/compose-operation.ts';
import { createKeptBases } from '../../src/outbox/kept-bases.ts';
import type { EntityState } from '../../src/store/entity-state.ts';
import { foldOperations } from '../../src/outbox/fold.ts';
import type { EntityStep } from '../../src/store/entry.ts';
import type { EntitySlot } from '../../src/store/replica.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What may happen to an entity, told without its state: `stepFor` makes it a step that fits, or nearly fits. */
export type Happening =
  | { readonly type: 'put'; readonly fields: Fields; readonly looksBack: number | null }
  | { readonly type: 'delete' }
  | { readonly type: 'seal'; readonly count: number; readonly ordered: boolean }
  | { readonly type: 'applied'; readonly adds: Fields | null }
  | { readonly type: 'refused'; readonly sealed: boolean }
  | { readonly type: 'unseal' }
  | { readonly type: 'stale'; readonly remote: Fields | null }
  | { readonly type: 'told'; readonly remote: Fields | null; readonly behind: number; readonly trusted: boolean }
  | { readonly type: 'decided'; readonly choice: 'local' | 'remote' | Fields | null }
  | { readonly type: 'discard'; readonly index: number }
  | { readonly type: 'retry' }
  | { readonly type: 'forget' };

const field = fc.constantFrom('a', 'b');
const row = fc.record({ id: fc.constantFrom('r1', 'r2', 'r3'), text: fc.constantFrom('x', 'y') });
const fields: fc.Arbitrary<Fields> = fc.record(
  {
    a: fc.integer({ min: 0, max: 2 }),
    b: fc.integer({ min: 0, max: 2 }),
    in: fc.dictionary(field, fc.integer({ min: 0, max: 2 }), { noNullPrototype: true }),
    rows: fc.uniqueArray(row, { selector: ({ id }) => id, maxLength: 3 }),
  },
  { requiredKeys: [], noNullPrototype: true },
);
const orNull = fc.option(fields, { freq: 4 });

/** Any happening, those more often without which the others say little. */
export const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('put' as const),
      fields,
      looksBack: fc.option(fc.integer({ min: 0, max: 9 }), { freq: 2 }),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ type: 'delete' as const }) },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('seal' as const),
      count: fc.integer({ min: 1, max: 4 }),
      ordered: fc.boolean(),
    }),
  },
  { weight: 5, arbitrary: fc.record({ type: fc.constant('applied' as const), adds: orNull }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('refused' as const), sealed: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ type: 'unseal' as const }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('stale' as const), remote: orNull }) },
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant('told' as const),
      remote: orNull,
      behind: fc.constantFrom(0, 0, 0, 1, 2),
      trusted: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('decided' as const),
      choice: fc.oneof(fc.constantFrom('local' as const, 'remote' as const, null), fields),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('discard' as const), index: fc.integer({ min: 0, max: 3 }) }) },
  { weight: 2, arbitrary: fc.constant({ type: 'retry' as const }) },
  { weight: 1, arbitrary: fc.constant({ type: 'forget' as const }) },
);

export interface EntityLife {
  /** The step that the happening means for the slot as it stands; null: it means nothing. */
  stepFor(slot: EntitySlot, happening: Happening): EntityStep | null;
  /** The state was put to where the step led: earlier server states are kept as a session keeps them. */
  learn(slot: EntitySlot, before: EntityState, step?: EntityStep): void;
}

const refusal: SyncErrorInfo = { code: 'rejected', message: 'Refused.', status: 422 };

/** Makes happenings into steps, with the functions that make them in the service. Versions are numbers, or texts of them. */
export function createEntityLife(versions: 'numbers' | 'texts' | 'none'): EntityLife {
  let count = 0;
  let lastVersion = 0;
  const kept = createKeptBases();
  const contents = new Map<number, Fields | null>();

  const at = () => new Date(Date.UTC(2026, 0, 1) + count).toISOString().replace('Z', '0000Z');
  const mark = (): OperationMark => {
    count += 1;
    return { id: `o${String(count).padStart(4, '0')}`, clientId: 'c', sequence: count, timestamp: at() };
  };
  const newId = (kind: string) => `${kind}${(count += 1)}`;
  const versionOf = (number: number): Version | null =>
    versions === 'none' ? null : versions === 'numbers' ? number : `v${number}`;

  /** A version that was told before says again what it said. */
  function serverState(slot: EntitySlot, told: Fields | null, number: number): Base {
    const content = contents.get(number) ?? (contents.has(number) ? null : told);
    contents.set(number, content);
    const version = versionOf(number);
    count += 1;
    const updatedAt = at();
    if (!content) return { entity: null, version, updatedAt };
    const entity = { ...content, id: slot.id, updatedAt, ...(version === null ? {} : { version }) };
    return { entity: entity as ISyncEntity, version, updatedAt };
  }

  const nextState = (slot: EntitySlot, content: Fields | null) => serverState(slot, content, (lastVersion += 1));

  function put(slot: EntitySlot, { fields: content, looksBack }: Happening & { type: 'put' }): EntityStep | null {
    const back = looksBack === null ? undefined : versionOf(Math.max(1, lastVersion - looksBack));
    const version = back === undefined || back === null ? {} : { version: back };
    return composeWrite(
      slot.state,
      { collection: slot.collection, entityId: slot.id, entity: { ...content, ...version, id: slot.id } },
      (wanted) => kept.since(slot, wanted),
      mark,
    );
  }

  function seal(slot: EntitySlot, { count: wanted, ordered }: Happening & { type: 'seal' }): EntityStep {
    const folded = foldOperations(slot, wanted, newId('k'));
    if (folded.type === 'nothing') return { type: 'annihilate', operationIds: folded.operationIds };
    const { request } = folded;
    const operationIds = ordered ? request.operationIds : request.operationIds.toReversed();
    return { type: 'seal', request: { ...request, operationIds } };
  }

  function applied(slot: EntitySlot, adds: Fields | null): EntityStep {
    const { base, work } = slot.state;
    const request = work?.request;
    const key = request?.idempotencyKey ?? 'unknown';
    if (!request || request.type === 'delete') return { type: 'settle', key, base: nextState(slot, null) };
    const view = work.pending
      .slice(0, request.operationIds.length)
      .reduce<Fields>((fields_, operation) => ({ ...fields_, ...operation.entity }), { ...base?.entity });
    const { updatedAt: _, version: __, ...content } = { ...view, ...work.view } as unknown as ISyncEntity;
    return { type: 'settle', key, base: nextState(slot, { ...content, ...adds }) };
  }

  function decided(slot: EntitySlot, choice: 'local' | 'remote' | Fields | null): EntityStep | null {
    const conflict = conflictOf(slot, 'manual');
    const { work } = slot.state;
    if (!conflict || !work) return null;
    const outcome =
      choice === 'local'
        ? work.view
        : choice === 'remote'
          ? conflict.remote
          : choice && ({ ...choice, id: slot.id, updatedAt: '' } as ISyncEntity);
    return resolutionStep(conflict, work, outcome, mark());
  }

  function stepFor(slot: EntitySlot, happens: Happening): EntityStep | null {
    const { work } = slot.state;
    const key = work?.request?.idempotencyKey ?? null;
    switch (happens.type) {
      case 'put':
        return put(slot, happens);
      case 'delete': {
        const intent = { collection: slot.collection, entityId: slot.id, entity: null };
        return composeWrite(slot.state, intent, () => [], mark);
      }
      case 'seal':
        return work ? seal(slot, happens) : null;
      case 'applied':
        return applied(slot, happens.adds);
      case 'refused':
        return { type: 'park', key: happens.sealed ? key : null, error: refusal };
      case 'unseal':
        return { type: 'unseal', key: key ?? 'unknown' };
      case 'stale':
        return { type: 'conflict', key, remote: nextState(slot, happens.remote), id: newId('f'), at: at() };
      case 'told': {
        const number = happens.behind === 0 ? (lastVersion += 1) : Math.max(1, lastVersion - happens.behind);
        const base = serverState(slot, happens.remote, number);
        return { type: 'receive', base, ...(happens.trusted ? { trusted: true } : {}) };
      }
      case 'decided':
        return decided(slot, happens.choice);
      case 'discard':
        return { type: 'discard', operationId: work?.pending[happens.index]?.id ?? 'unknown' };
      case 'retry':
        return { type: 'retry' };
      case 'forget':
        return { type: 'forget' };
    }
  }

  return {
    stepFor,
    learn(slot, before, step = { type: 'retry' }) {
      kept.followed({ slot, before, after: slot.state, step, settled: [], discarded: [] });
    },
  };
}
