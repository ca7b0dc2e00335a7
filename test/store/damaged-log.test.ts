import { expect, test } from 'vitest';
import type { Base, ISyncEntity } from '../../src/core/entity.ts';
import type { Draft, EntityStep, JournalEntry, SealedRequest, StoredOperation } from '../../src/store/entry.ts';
import { createPages } from '../../src/store/pages.ts';
import { createRecovery } from '../../src/store/recovery.ts';
import { createReplica } from '../../src/store/replica.ts';

const entity = { id: '1', title: 'a', updatedAt: '2026' } as ISyncEntity;
const base: Base = { entity: { ...entity, version: 1 }, version: 1, updatedAt: '2026' };
const operation = (id: string, fields: Partial<StoredOperation>): StoredOperation => ({
  ...{ id, clientId: 'w', sequence: 1, timestamp: `2026-${id}`, collection: 'tasks', entityId: '1' },
  ...{ type: 'create', baseVersion: null },
  ...fields,
});
const created = operation('1', { entity });
const patched = operation('2', { type: 'update', patch: [{ op: 'add', path: '/done', value: true }] });
const request = (fields: Partial<SealedRequest>): SealedRequest => ({
  ...{ idempotencyKey: 'k', collection: 'tasks', entityId: '1', operationIds: ['1'], timestamp: '2026-1' },
  ...{ type: 'create', baseVersion: null },
  ...fields,
});
const step = (what: EntityStep): JournalEntry => ({ type: 'entity', collection: 'tasks', id: '1', step: what });
const draft: Draft = { type: 'draft', collection: 'tasks', id: '1', operation: created, on: null, before: null };

/** What is found in a log from its second segment on: the first is damaged. `drafts`: of another tab. */
function recovered(log: readonly JournalEntry[], drafts: readonly JournalEntry[] = []) {
  const replica = createReplica();
  const recovery = createRecovery(replica, createPages());
  recovery.segment('w', 2, log);
  if (drafts.length > 0) recovery.segment('x', 1, drafts);
  const found = recovery.finish();
  return { state: replica.find('tasks', '1')?.state, drafts: found.drafts.map((each) => each.draft.operation.id) };
}

test('G20 G1 of a request whose writes are damaged, the request itself goes again under its key', () => {
  const { state } = recovered([step({ type: 'seal', request: request({ entity }) })]);
  const { sequence: _, ...kept } = created;
  expect(state?.work?.pending).toEqual([{ ...kept, sequence: 0 }]);
  expect([state?.work?.request?.idempotencyKey, state?.work?.view]).toEqual(['k', entity]);
});

test('G20 G2 a draft whose write was sent and settled is not sent again though its place in the log is damaged', () => {
  const log = [
    step({ type: 'seal', request: request({ entity }) }),
    step({ type: 'settle', key: 'k', base }),
    { type: 'imported' as const, writer: 'x', number: 1 },
  ];
  expect(recovered(log, [draft])).toEqual({ state: { base, work: null }, drafts: [] });
});

test('G20 G1 a draft is taken up again when its place in the log is damaged, also where later ones were taken up', () => {
  expect(recovered([{ type: 'imported', writer: 'x', number: 2 }], [draft]).drafts).toEqual(['1']);
});

test('G20 G1 a change is made on the draft that it was made on, though that has lost its place in the log', () => {
  const { state, drafts } = recovered([step({ type: 'write', operation: patched })], [draft]);
  expect([state?.work?.pending.map(({ id }) => id), drafts]).toEqual([['1', '2'], []]);
  expect(state?.work?.view).toMatchObject({ title: 'a', done: true });
});

test('G2 G18 a change that was a draft is not made on itself where the state before it is not known', () => {
  const drafts = [{ ...draft, operation: patched }];
  const { state, ...found } = recovered([step({ type: 'write', operation: patched })], drafts);
  expect([state?.work?.pending.map(({ id }) => id), found.drafts]).toEqual([['2'], []]);
});

test('G20 G1 a request over a state that is damaged is made anew, and never a deletion', () => {
  const { patch = [] } = patched;
  const sealed = request({ type: 'update', patch, baseVersion: 1, operationIds: ['2'] });
  const log = [step({ type: 'write', operation: patched }), step({ type: 'seal', request: sealed })];
  expect(recovered(log).state?.work).toMatchObject({ request: null, pending: [patched] });
  const { state } = recovered([...log, step({ type: 'settle', key: 'k', base: { ...base, version: 2 } })]);
  expect(state).toMatchObject({ base: { version: 2 }, work: null });
});
