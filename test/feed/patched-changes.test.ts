import { expect, test } from 'vitest';
import { createChangeTaker } from '../../src/actors/take-changes.ts';
import type { JsonPatch } from '../../src/core/json.ts';
import type { RemoteChange } from '../../src/core/record.ts';
import { createReplica } from '../../src/store/replica.ts';

const updatedAt = '2026-01-01T00:00:00.000Z';

function take(patch: JsonPatch) {
  const replica = createReplica();
  const known = { id: '1', title: 'old', nested: { kept: true }, updatedAt, version: 1 };
  replica.apply({
    type: 'feed',
    collection: 'tasks',
    changes: [{ id: '1', base: { entity: known, version: 1, updatedAt } }],
  });
  const taker = createChangeTaker({
    replica,
    isOwnKey: () => false,
    isCompared: () => false,
    acknowledged: () => undefined,
  });
  const record = { entity: null, deleted: false, version: 2, updatedAt };
  const change: RemoteChange = { collection: 'tasks', id: '1', record, patch, baseVersion: 1 };
  const next: RemoteChange = { ...change, record: { ...record, version: 3 }, baseVersion: 2 };
  return { change, taken: taker.take('tasks', [change]), takenTwice: taker.take('tasks', [change, next]) };
}

function entityOf({ taken }: ReturnType<typeof take>): unknown {
  return taken.foreign.map(({ base }) => base.entity);
}

test('S12 a patch leads from the known state to the told version', () => {
  const result = take([{ op: 'replace', path: '/title', value: 'new' }]);
  expect(entityOf(result)).toEqual([{ id: '1', title: 'new', nested: { kept: true }, updatedAt, version: 2 }]);
});

test('S28 a change told by a patch is stored by the steps of the patch, and nothing else that its sender put into them', () => {
  const step = { op: 'replace', path: '/title', value: 'new', from: 1n } as const;
  const [entry] = take([step]).taken.entries;
  expect(entry?.type === 'feed' && entry.changes.map((change) => 'base' in change && change.patched)).toEqual([
    { id: '1', on: 1, patch: [{ op: 'replace', path: '/title', value: 'new' }], version: 2, updatedAt },
  ]);
});

test('S28 several changes of one entity are stored as the state that they led to', () => {
  const [entry] = take([{ op: 'replace', path: '/title', value: 'new' }]).takenTwice.entries;
  const entity = { id: '1', title: 'new', nested: { kept: true }, updatedAt, version: 3 };
  expect(entry?.type === 'feed' && entry.changes).toEqual([{ id: '1', base: { entity, version: 3, updatedAt } }]);
});

test('what a patch brings is not shared with whoever sent it', () => {
  const value = { inner: ['a'] };
  const result = take([{ op: 'add', path: '/added', value }]);
  value.inner.push('b');
  expect(entityOf(result)).toEqual([expect.objectContaining({ added: { inner: ['a'] } })]);
});

test.each<{ name: string; patch: JsonPatch }>([
  { name: 'too large', patch: [{ op: 'add', path: '/text', value: 'x'.repeat(1024 * 1024) }] },
  { name: 'of another entity', patch: [{ op: 'replace', path: '/id', value: '2' }] },
  { name: 'without an id', patch: [{ op: 'remove', path: '/id' }] },
  { name: 'no object', patch: [{ op: 'replace', path: '', value: 'text' }] },
  { name: 'no JSON', patch: [{ op: 'add', path: '/text', value: Number.NaN }] },
])('an entity that a patch makes $name is fetched instead', ({ patch }) => {
  const { change, taken } = take(patch);
  expect(taken).toEqual({ entries: [], foreign: [], toFetch: [change] });
});
