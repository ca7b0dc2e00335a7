import { expect, test } from 'vitest';
import type { Base } from '../../src/core/entity.ts';
import { createKeptBases, type KeptBases } from '../../src/outbox/kept-bases.ts';
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
