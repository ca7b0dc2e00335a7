import { expect, test } from 'vitest';
import type { Base, ISyncEntity } from '../../src/core/entity.ts';
import { nothing, type KeptBase } from '../../src/outbox/kept-bases.ts';
import { placeDraft } from '../../src/outbox/place-draft.ts';
import { unknownEntity, viewOf, type EntityState } from '../../src/store/entity-state.ts';
import { transition } from '../../src/store/entity-transition.ts';
import type { Draft, StoredOperation } from '../../src/store/entry.ts';

const policies = { '/count': 'counter' } as const;
const told = (version: number, count: number, rows: readonly string[]): Base => ({
  entity: { id: 'a', count, rows: rows.map((id) => ({ id })), updatedAt: 't', version } as ISyncEntity,
  version,
  updatedAt: 't',
});
const operation = (id: string, sequence: number): Omit<StoredOperation, 'type'> => ({
  id,
  clientId: 'c',
  sequence,
  timestamp: 't',
  collection: 'tasks',
  entityId: 'a',
  baseVersion: null,
});
/** Made by a tab that had been told of nothing. */
const creation: Draft = {
  type: 'draft',
  collection: 'tasks',
  id: 'a',
  on: null,
  before: null,
  operation: {
    ...operation('mine', 2),
    type: 'create',
    entity: { id: 'a', count: 1, rows: [{ id: 'mine' }], updatedAt: 't' } as ISyncEntity,
  },
};
const place = (state: EntityState): EntityState =>
  transition(
    state,
    placeDraft(state, creation, () => [], policies),
    policies,
  ).state;
const contentOf = (state: EntityState): unknown => {
  const { count, rows } = viewOf(state) as unknown as { count: number; rows: readonly { id: string }[] };
  return { count, rows: rows.map(({ id }) => id) };
};

const known: EntityState = { base: told(1, 1, ['theirs']), work: null };
const pending = transition(known, {
  type: 'write',
  operation: {
    ...operation('other', 1),
    baseVersion: 1,
    type: 'update',
    patch: [
      { op: 'replace', path: '/count', value: 2 },
      { op: 'add', path: '/rows/1', value: { id: 'other' } },
    ],
  },
}).state;

test('G2 G18 what a tab creates that others have created is contested with what it put in alone', () => {
  const contested = { count: 1, rows: ['mine'] };
  expect(contentOf(place(unknownEntity))).toEqual(contested);
  expect(contentOf(place(known))).toEqual(contested);
});

test('G2 G18 what another tab of the device has pending stays in what a tab creates, without what the backend had', () => {
  expect(contentOf(place(pending))).toEqual({ count: 2, rows: ['other', 'mine'] });
});

test('G2 G18 what a tab creates while a request is out is contested with what it put in alone', () => {
  const request = {
    idempotencyKey: 'k',
    collection: 'tasks',
    entityId: 'a',
    operationIds: ['other'],
    timestamp: 't',
    type: 'update',
    baseVersion: 1,
  } as const;
  const placed = place(transition(pending, { type: 'seal', request }).state);
  expect(contentOf(placed)).toEqual({ count: 3, rows: ['theirs', 'other', 'mine'] });
  const settled = transition(placed, { type: 'settle', key: 'k', base: told(2, 2, ['theirs', 'other']) }, policies);
  expect(contentOf(settled.state)).toEqual({ count: 1, rows: ['mine'] });
});

const deletion = (timestamp: string): Draft => ({
  type: 'draft',
  collection: 'tasks',
  id: 'a',
  on: known.base,
  before: viewOf(known),
  operation: { ...operation('mine', 2), baseVersion: 1, timestamp, type: 'delete' },
});
const viewAfterDeletion = (timestamp: string, madeAt: string): unknown => {
  const state: EntityState = { base: told(2, 2, ['theirs', 'other']), work: null };
  const kept = [{ base: known.base!, ours: madeAt, isUnseen: false }];
  return viewOf(
    transition(
      state,
      placeDraft(state, deletion(timestamp), () => kept, policies),
      policies,
    ).state,
  );
};

test('G6 G18 a deletion in one tab does not take what another tab changed after it, also when that is settled', () => {
  const edited = expect.objectContaining({ count: 2 });
  expect(viewAfterDeletion('2026-01-01T00:00:01.0000000Z', '2026-01-01T00:00:02.0000000Z')).toEqual(edited);
  expect(viewAfterDeletion('2026-01-01T00:00:02.0000000Z', '2026-01-01T00:00:01.0000000Z')).toBeNull();
});

/** Of a tab that had been told of nothing, and showed what it had made itself. */
const deletedUnseen = (kept: readonly KeptBase[], timestamp: string): unknown => {
  const draft: Draft = {
    ...deletion(timestamp),
    on: null,
    before: { id: 'a', count: 1, rows: [{ id: 'mine' }], updatedAt: 't' } as ISyncEntity,
  };
  const state: EntityState = { base: told(2, 2, ['mine', 'other']), work: null };
  const placed = transition(
    state,
    placeDraft(state, draft, (version) => (version === null ? kept : []), policies),
    policies,
  ).state;
  return [viewOf(placed), placed.work?.foreign?.version ?? null];
};

test('G6 G18 a deletion in a tab that was told of nothing does not take what another tab made after it', () => {
  const made = [
    { base: nothing, ours: '2026-01-01T00:00:02.0000000Z', isUnseen: false },
    { base: told(1, 1, ['other']), ours: '2026-01-01T00:00:01.0000000Z', isUnseen: false },
  ];
  expect(deletedUnseen(made, '2026-01-01T00:00:01.0000000Z')).toEqual([expect.objectContaining({ count: 2 }), null]);
  expect(deletedUnseen(made, '2026-01-01T00:00:03.0000000Z')).toEqual([null, null]);
});

test('G6 G18 a deletion in a tab that was told of nothing is contested where nobody knows what led here', () => {
  expect(deletedUnseen([], '2026-01-01T00:00:03.0000000Z')).toEqual([null, 2]);
});

test('G1 G18 what another tab has pending outlives a deletion that was not shown it, whatever state that was made on', () => {
  const on = { entity: null, version: null, updatedAt: null };
  const draft = { ...deletion('t'), on };
  const kept = transition(
    pending,
    placeDraft(pending, draft, () => [], policies),
    policies,
  ).state;
  expect(contentOf(kept)).toEqual({ count: 2, rows: ['theirs', 'other'] });
});

const deletedHere: EntityState = { base: { entity: null, version: 2, updatedAt: 't' }, work: null };
const settledOver = (draft: Draft): EntityState =>
  transition(
    deletedHere,
    placeDraft(deletedHere, draft, () => [{ base: known.base!, ours: 't', isUnseen: false }], policies),
    policies,
  ).state;

test('G18 S10 what a tab creates after the deletion that it was shown is contested with nothing once that is settled', () => {
  const { base, work } = settledOver({ ...creation, on: known.base });
  expect([base, work?.foreign]).toEqual([deletedHere.base, null]);
  expect(contentOf({ base, work })).toEqual({ count: 1, rows: ['mine'] });
});

test('G18 S10 an edit survives a settled deletion of another tab that was not shown it, without a record', () => {
  const edit: Draft = {
    ...deletion('t'),
    operation: {
      ...operation('mine', 2),
      baseVersion: 1,
      type: 'update',
      patch: [{ op: 'replace', path: '/count', value: 5 }],
    },
  };
  const { base, work } = settledOver(edit);
  expect([base, work?.foreign]).toEqual([deletedHere.base, null]);
  expect(contentOf({ base, work })).toEqual({ count: 5, rows: ['theirs'] });
});
