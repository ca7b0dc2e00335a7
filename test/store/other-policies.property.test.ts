import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FieldPolicies } from '../../src/core/conflict.ts';
import type { Base } from '../../src/core/entity.ts';
import { unknownEntity, isContested, newestTold, pendingOf } from '../../src/store/entity-state.ts';
import { transition } from '../../src/store/entity-transition.ts';
import { operationIds, type EntityStep } from '../../src/store/entry.ts';
import type { EntitySlot } from '../../src/store/replica.ts';
import { expectSeen, runProperty } from '../core/run-property.ts';
import { createEntityLife, happening, type Happening } from './entity-life.ts';

const policies: fc.Arbitrary<FieldPolicies | undefined> = fc.option(
  fc.dictionary(
    fc.constantFrom('/a', '/b', '/in', '/in/a', '/rows', '/rows/*/text'),
    fc.constantFrom('client-wins' as const, 'server-wins' as const, 'counter' as const, 'union' as const),
  ),
  { nil: undefined, freq: 3 },
);

const of = <T extends Happening['type']>(type: T) =>
  happening.filter((each): each is Happening & { readonly type: T } => each.type === type);

/** A change of someone else over one that waits, which is then sent. */
const round = fc.tuple(of('put'), of('told'), of('seal'), of('applied'));

const happenings = fc
  .array(
    fc.oneof(
      happening.map((one) => [one]),
      round,
    ),
    { minLength: 3, maxLength: 12, size: 'max' },
  )
  .map((parts) => parts.flat());

/** Lives as the outbox lets an entity live: nothing is sealed that is contested, in a conflict or parked. */
function liveThrough(all: readonly Happening[], fields: FieldPolicies | undefined) {
  const { stepFor, learn } = createEntityLife('numbers');
  const slot: EntitySlot = { collection: 'tasks', id: '1', state: unknownEntity, page: -1 };
  const steps: EntityStep[] = [];
  const acknowledged = new Set<string>();
  for (const happens of all) {
    const { work } = slot.state;
    if (happens.type === 'seal' && (isContested(slot.state) || work?.conflict || work?.refusal)) continue;
    const before = slot.state;
    const step = stepFor(slot, happens);
    if (!step) continue;
    const { state } = transition(before, step, fields);
    slot.state = state;
    learn(slot, before, step);
    steps.push(step);
    if (step.type !== 'settle' || work?.request?.idempotencyKey !== step.key) continue;
    for (const id of operationIds(work.pending.slice(0, work.request.operationIds.length))) acknowledged.add(id);
  }
  return { steps, acknowledged, state: slot.state };
}

test('S29 what was acknowledged is not pending again when the field policies are others at recovery', () => {
  let seen = 0;
  runProperty(
    fc.property(happenings, policies, policies, (all, then, now) => {
      const { steps, acknowledged, state: live } = liveThrough(all, then);
      const recovered = steps.reduce((state, step) => transition(state, step, now).state, unknownEntity);
      const again = operationIds(pendingOf(recovered)).filter((id) => acknowledged.has(id));
      expect(again).toEqual([]);
      expect(newestTold(recovered)?.version).toEqual(newestTold(live)?.version);
      seen += acknowledged.size;
    }),
  );
  expectSeen(seen, 100);
});

test('S29 a request that was sealed over a merged change of someone else settles where a later policy would contest the merge', () => {
  const at = (version: number, a: { readonly x: number; readonly y: number }): Base => ({
    entity: { id: '1', updatedAt: '', version, ...{ a } },
    version,
    updatedAt: null,
  });
  const mark = { clientId: 'c', sequence: 1, collection: 'tasks', entityId: '1' } as const;
  const patch = [{ op: 'replace', path: '/a/x', value: 2 }] as const;
  const request = { idempotencyKey: 'k', type: 'update', patch, operationIds: ['o'], timestamp: '', ...mark } as const;
  const steps: readonly EntityStep[] = [
    { type: 'receive', base: at(1, { x: 1, y: 1 }) },
    { type: 'write', operation: { ...mark, id: 'o', type: 'update', patch, baseVersion: 1, timestamp: '' } },
    { type: 'receive', base: at(2, { x: 1, y: 2 }) },
    { type: 'seal', request: { ...request, baseVersion: 2 } },
    { type: 'settle', key: 'k', base: at(3, { x: 2, y: 2 }) },
  ];
  for (const fields of [undefined, { '/a': 'client-wins' }] as const) {
    const state = steps.reduce((before, step) => transition(before, step, fields).state, unknownEntity);
    expect(state).toEqual({ base: at(3, { x: 2, y: 2 }), work: null });
  }
});
