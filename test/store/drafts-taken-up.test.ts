import { expect, test } from 'vitest';
import { createDrafts } from '../../src/store/drafts.ts';
import { viewOf } from '../../src/store/entity-state.ts';
import type { Draft, EntityStep, JournalEntry, StoredOperation } from '../../src/store/entry.ts';
import { createFollowerLedger } from '../../src/store/follower-ledger.ts';
import { createReplica, type EntityChange } from '../../src/store/replica.ts';

const operation = (sequence: number): StoredOperation => ({
  id: `o${sequence}`,
  clientId: 'c',
  sequence,
  timestamp: '',
  collection: 'tasks',
  entityId: '1',
  type: 'update',
  patch: [{ op: 'add', path: '/n', value: sequence }],
  baseVersion: 1,
});
const draft = (sequence: number): Draft => ({
  type: 'draft',
  collection: 'tasks',
  id: '1',
  operation: operation(sequence),
  on: null,
  before: null,
});
const entry = (step: EntityStep): JournalEntry => ({ type: 'entity', collection: 'tasks', id: '1', step });
const told = (version: number): EntityStep => ({
  type: 'receive',
  base: { entity: { id: '1', updatedAt: '', version }, version, updatedAt: null },
});

/** A tab that follows, with so many drafts of one entity. */
function follow(count: number) {
  const replica = createReplica();
  let placed = 0;
  const drafts = createDrafts(
    replica,
    (_slot, _state, { operation: drafted }) => {
      placed += 1;
      return { type: 'write', operation: drafted };
    },
    () => undefined,
  );
  const changes: EntityChange[] = [];
  const ledger = createFollowerLedger(replica, drafts, () => ({ group: 1, durable: Promise.resolve() }), {
    changed: (told_) => void changes.push(...told_),
    stored: () => undefined,
    dropped: () => undefined,
  });
  ledger.take([entry(told(1))]);
  for (let sequence = 1; sequence <= count; sequence += 1) void ledger.commit([draft(sequence)], 'local');
  changes.length = 0;
  const taken = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, index) => entry({ type: 'write', operation: operation(from + index) }));
  return { ledger, changes, taken, slot: replica.slot('tasks', '1'), placed: () => placed };
}

test('G18 drafts that a segment of the log takes up are placed anew once, not once per entry', () => {
  const { ledger, taken, slot, placed } = follow(100);
  const before = placed();
  ledger.take(taken(1, 60));
  expect(placed() - before).toBe(40);
  expect(viewOf(slot.state)).toMatchObject({ n: 100 });
  expect(slot.state.work?.pending.map(({ id }) => id)).toEqual(Array.from({ length: 100 }, (_, at) => `o${at + 1}`));
});

test('G18 every change that is told leads from what was shown to what is shown', () => {
  const { ledger, taken, slot, changes } = follow(3);
  const shown = slot.state;
  ledger.take([...taken(1, 1), entry(told(2)), ...taken(2, 3)]);
  const moves = changes.filter(({ before, after }) => before !== after);
  expect(moves[0]?.before).toBe(shown);
  expect(moves.slice(1).map(({ before }) => before)).toEqual(moves.slice(0, -1).map(({ after }) => after));
  expect(moves.at(-1)?.after).toBe(slot.state);
  expect(slot.state).toMatchObject({ base: { version: 2 }, work: { view: { n: 3 } } });
});
