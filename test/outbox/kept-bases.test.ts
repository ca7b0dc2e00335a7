import { expect, test } from 'vitest';
import type { Base } from '../../src/core/entity.ts';
import { createKeptBases, nothing, type KeptBase, type KeptBases } from '../../src/outbox/kept-bases.ts';
import { unknownEntity } from '../../src/store/entity-state.ts';
import { transition } from '../../src/store/entity-transition.ts';
import type { EntityStep } from '../../src/store/entry.ts';
import { createReplica } from '../../src/store/replica.ts';

const slot = createReplica().slot('tasks', '1');
const baseOf = (version: number): Base => ({
  entity: { id: '1', updatedAt: `as of ${version}` },
  version,
  updatedAt: '',
});

/** A tab that reads everything anew makes states of its own of all that it finds. */
function readAnew(kept: KeptBases, before: number, after: number): void {
  kept.followed({
    slot,
    before: { base: baseOf(before), work: null },
    after: { base: baseOf(after), work: null },
    step: { type: 'retry' },
    settled: [],
    discarded: [],
    isUnseen: true,
  });
}

test('S13 a state that is read again and again is kept once, and those before it stay', () => {
  const kept = createKeptBases();
  readAnew(kept, 1, 2);
  for (let times = 0; times < 20; times += 1) readAnew(kept, 2, 2);
  readAnew(kept, 2, 3);
  expect(kept.since(slot, 1)).toEqual([
    { base: baseOf(1), ours: null, isUnseen: true },
    { base: baseOf(2), ours: null, isUnseen: true },
  ]);
});

test('S13 the last eight states are kept', () => {
  const kept = createKeptBases();
  for (let version = 1; version <= 9; version += 1) readAnew(kept, version, version + 1);
  expect([1, 2].map((version) => kept.since(slot, version).length)).toEqual([0, 8]);
});

test('G18 that there was nothing is kept where an own creation followed, and where something else did it is not', () => {
  const base = baseOf(1);
  const entity = { id: '1', updatedAt: '' };
  const mark = { id: 'o', clientId: 'c', sequence: 1, timestamp: 't' };
  const operation = { ...mark, collection: 'tasks', entityId: '1', type: 'create', entity, baseVersion: null } as const;
  const request = { ...operation, idempotencyKey: 'k', operationIds: ['o'] };
  const written = transition(unknownEntity, { type: 'write', operation }).state;
  const before = transition(written, { type: 'seal', request }).state;
  const keptAfter = (step: EntityStep): readonly KeptBase[] => {
    const kept = createKeptBases();
    kept.followed({ slot, before, after: { base, work: null }, step, settled: [], discarded: [] });
    return kept.since(slot, null);
  };
  expect(keptAfter({ type: 'settle', key: 'k', base })).toEqual([{ base: nothing, ours: 't', isUnseen: false }]);
  expect(keptAfter({ type: 'receive', base })).toEqual([]);
});
