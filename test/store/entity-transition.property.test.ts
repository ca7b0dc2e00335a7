import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyPatch } from '../../src/core/apply-patch.ts';
import type { ISyncEntity } from '../../src/core/entity.ts';
import { equalEntity } from '../../src/core/equal.ts';
import { foldOperations } from '../../src/outbox/fold.ts';
import { unknownEntity, type EntityState } from '../../src/store/entity-state.ts';
import { applyOperation } from '../../src/store/apply-operation.ts';
import { transition, viewAfter } from '../../src/store/entity-transition.ts';
import { operationIds, type EntityStep, type SealedRequest } from '../../src/store/entry.ts';
import type { EntitySlot } from '../../src/store/replica.ts';
import { deepFreeze } from '../core/deep-freeze.ts';
import { commandsOf, expectSeen, runProperty } from '../core/run-property.ts';
import { createEntityLife, happening } from './entity-life.ts';

const life = fc.record({
  versions: fc.constantFrom('numbers' as const, 'texts' as const, 'none' as const),
  happenings: commandsOf(happening, 3),
});

interface Moment {
  readonly before: EntityState;
  readonly step: EntityStep;
  readonly after: EntityState;
  readonly settled: readonly string[];
  readonly discarded: readonly string[];
}

/** Lives through the happenings and shows every moment. */
function liveThrough({
  versions,
  happenings,
}: {
  versions: 'numbers' | 'texts' | 'none';
  happenings: readonly Parameters<ReturnType<typeof createEntityLife>['stepFor']>[1][];
}): Moment[] {
  const { stepFor, learn } = createEntityLife(versions);
  const slot: EntitySlot = { collection: 'tasks', id: '1', state: unknownEntity, page: -1 };
  return happenings.flatMap((happens) => {
    const before = slot.state;
    const step = stepFor(slot, happens);
    if (!step) return [];
    const { state: after, settled, discarded } = transition(deepFreeze(before), deepFreeze(step));
    slot.state = after;
    learn(slot, before, step);
    return [{ before, step, after, settled, discarded }];
  });
}

const fold = ({ base, work }: EntityState): ISyncEntity | null =>
  (work?.pending ?? []).reduce(applyOperation, base?.entity ?? null);

test('S9 the view is what is pending folded over the base, after every step', () => {
  let worked = 0;
  runProperty(
    fc.property(life, (lived) => {
      for (const { after } of liveThrough(lived)) {
        if (!after.work) continue;
        worked += 1;
        expect(after.work.view).toEqual(fold(after));
        expect(after.work.pending.length).toBeGreaterThan(0);
        expectEachFits(after);
      }
    }),
  );
  expectSeen(worked, 500);
});

test('S13 the version that a view shows is the one of its base, so that what was read can be written back', () => {
  let versioned = 0;
  runProperty(
    fc.property(life, (lived) => {
      for (const { after } of liveThrough(lived)) {
        const shown = after.work ? after.work.view?.version : after.base?.entity?.version;
        if (shown === undefined) continue;
        versioned += 1;
        expect(shown).toBe(after.base?.version);
      }
    }),
  );
  expectSeen(versioned, 500);
});

/** Each operation's patch is relative to what the one before it left. */
function expectEachFits({ base, work }: EntityState): void {
  let view = base?.entity ?? null;
  for (const operation of work?.pending ?? []) {
    if (view && operation.patch) expect(() => applyPatch(view, operation.patch ?? [])).not.toThrow();
    if (operation.patch) expect(view).not.toBe(null);
    view = applyOperation(view, operation);
  }
}

test('S1 the same steps always lead to the same states, and none of them fails on what it does not fit', () => {
  runProperty(
    fc.property(life, life, (one, other) => {
      const steps = liveThrough(other).map(({ step }) => step);
      for (const { before, step, after, settled, discarded } of liveThrough(one)) {
        expect(transition(before, step)).toEqual({ state: after, settled, discarded });
        for (const foreign of steps) expect(transition(after, foreign).state).toBeDefined();
      }
    }),
    200,
  );
});

test('S1 a sealed request never changes while it is out, and carries the first operations', () => {
  let kept = 0;
  runProperty(
    fc.property(life, (lived) => {
      const outByKey = new Map<string, SealedRequest>();
      for (const { step, after } of liveThrough(lived)) {
        const request = after.work?.request;
        if (!request) continue;
        const first = after.work.pending.slice(0, request.operationIds.length);
        expect(first.map(({ id }) => id)).toEqual(request.operationIds);
        if (step.type === 'seal' && step.request.idempotencyKey === request.idempotencyKey) {
          const { operationIds: ids, ...content } = step.request;
          expect(request).toMatchObject(content);
          expect(operationIds(first)).toEqual(expect.arrayContaining([...ids]));
          outByKey.set(request.idempotencyKey, request);
        }
        kept += 1;
        expect(request).toBe(outByKey.get(request.idempotencyKey));
      }
    }),
  );
  expectSeen(kept, 100);
});

test('G7 an operation stays until the backend has it, the app gives it up, or a later one carries it', () => {
  let ended = 0;
  runProperty(
    fc.property(life, (lived) => {
      const written = new Set<string>();
      const gone = new Set<string>();
      for (const { step, after, settled, discarded } of liveThrough(lived)) {
        const operation = step.type === 'write' || step.type === 'resolve' ? step.operation : null;
        if (operation && (step.type === 'write' || operationIds(after.work?.pending ?? []).includes(operation.id)))
          written.add(operation.id);
        for (const id of [...settled, ...discarded]) {
          expect(gone.has(id)).toBe(false);
          gone.add(id);
          ended += 1;
        }
        const pending = operationIds(after.work?.pending ?? []);
        expect(new Set(pending).size).toBe(pending.length);
        expect(new Set([...pending, ...gone])).toEqual(written);
      }
    }),
  );
  expectSeen(ended, 100);
});

test('S10 a state of the backend that contradicts what is pending is kept until it is settled', () => {
  let contested = 0;
  runProperty(
    fc.property(life, (lived) => {
      for (const { before, step, after } of liveThrough(lived)) {
        const foreign = before.work?.foreign;
        if (!foreign || step.type === 'forget') continue;
        contested += 1;
        const isKept = after.base === foreign || after.work?.foreign === foreign;
        const isReplaced = 'base' in step || 'remote' in step;
        expect(isKept || isReplaced).toBe(true);
        if (after.work?.conflict) expect(after.work.foreign).not.toBe(null);
      }
    }),
  );
  expectSeen(contested, 50);
});

test('S10 a foreign state is taken over only where nobody changed what somebody else changed', () => {
  const seen = { adopted: 0, held: 0, contested: 0 };
  runProperty(
    fc.property(life, (lived) => {
      for (const { before, step, after } of liveThrough(lived)) {
        if (step.type !== 'receive' || !before.work || before.work.conflict || before.work.foreign) continue;
        if (before.work.request) {
          expect(after.base).toBe(before.base);
          seen.held += 1;
          continue;
        }
        if (after === before || before.work.refusal) continue;
        const contested = contestedFields(before, step.base.entity);
        if (after.work?.foreign) {
          expect(after.base).toBe(before.base);
          expect(after.work.view).toEqual(before.work.view);
          seen.contested += 1;
          continue;
        }
        expect(contested).toEqual([]);
        expect(after.base).toBe(step.base);
        expectBothSides(before, step.base.entity, after);
        seen.adopted += 1;
      }
    }),
    2_000,
  );
  expectSeen(Math.min(seen.adopted, seen.held, seen.contested), 20);
});

const valueOf = (entity: ISyncEntity | null | undefined, name: string) =>
  (entity as Record<string, unknown> | null | undefined)?.[name];

/** Scalar fields that both sides changed, and not alike. */
function contestedFields({ base, work }: EntityState, remote: ISyncEntity | null): string[] {
  if (!remote || !work?.view || !base?.entity) return [];
  const { view } = work;
  return ['a', 'b'].filter((name) => {
    const [was, here, there] = [base.entity, view, remote].map((side) => valueOf(side, name));
    return was !== here && was !== there && here !== there;
  });
}

/** What only one side changed is as that side left it. */
function expectBothSides(before: EntityState, remote: ISyncEntity | null, after: EntityState): void {
  const { base, work } = before;
  const view = after.work ? after.work.view : after.base?.entity;
  if (!remote || !work?.view || !base?.entity || !view) return;
  for (const name of ['a', 'b']) {
    const [was, here, there] = [base.entity, work.view, remote].map((side) => valueOf(side, name));
    expect(valueOf(view, name)).toBe(was === here ? there : here);
  }
}

test('S2 what is folded says what the operations say one after the other', () => {
  const seen = { request: 0, nothing: 0 };
  runProperty(
    fc.property(life, fc.integer({ min: 1, max: 4 }), (lived, count) => {
      for (const { after } of liveThrough(lived)) {
        if (!after.work || after.work.request) continue;
        const slot: EntitySlot = { collection: 'tasks', id: '1', state: after, page: -1 };
        const folded = foldOperations(slot, count, 'key');
        const oneByOne = after.work.pending.slice(0, count).reduce(applyOperation, after.base?.entity ?? null);
        expect(viewAfter(after, count)).toEqual(oneByOne);
        seen[folded.type] += 1;
        if (folded.type === 'nothing') {
          expect(equalEntity(oneByOne, after.base?.entity ?? null)).toBe(true);
          continue;
        }
        const { request } = folded;
        expect(request.operationIds).toEqual(after.work.pending.slice(0, count).map(({ id }) => id));
        expect(equalEntity(applied(after, request), oneByOne)).toBe(true);
        expect(JSON.stringify(request.patch ?? [])).not.toMatch(/"path":"\/(updatedAt|version)"/);
      }
    }),
  );
  expectSeen(seen.request, 300);
  expectSeen(seen.nothing, 5);
});

/** What a backend that does as it is told makes of the request. */
function applied({ base }: EntityState, request: SealedRequest): ISyncEntity | null {
  if (request.type === 'delete') return null;
  if (request.type === 'create') return request.entity ?? null;
  return applyPatch(base?.entity as ISyncEntity, request.patch ?? []);
}
