import { expect, test } from 'vitest';
import type { Base, ISyncEntity } from '../../src/core/entity.ts';
import { transition } from '../../src/store/entity-transition.ts';
import { unknownEntity, type EntityState } from '../../src/store/entity-state.ts';
import type { EntityStep, SealedRequest, StoredOperation } from '../../src/store/entry.ts';

const stored = (title: string, version: string): Base => ({
  entity: { id: '1', title, version, updatedAt: '' } as ISyncEntity,
  version,
  updatedAt: '',
});
const gone: Base = { entity: null, version: null, updatedAt: null };

const operationOf = (type: 'create' | 'update'): StoredOperation => ({
  id: 'op',
  clientId: 'ada',
  sequence: 1,
  collection: 'tasks',
  entityId: '1',
  baseVersion: null,
  timestamp: '2026-01-01T00:00:00.000Z',
  type,
  ...(type === 'create'
    ? { entity: { id: '1', title: 'mine', updatedAt: '' } as ISyncEntity }
    : { patch: [{ op: 'replace', path: '/title', value: 'mine' }] }),
});

const requestOf = (type: 'create' | 'update', baseVersion: string | null): SealedRequest => ({
  idempotencyKey: 'key',
  type,
  collection: 'tasks',
  entityId: '1',
  baseVersion,
  operationIds: ['op'],
  timestamp: '2026-01-01T00:00:00.000Z',
});

const after = (...steps: readonly EntityStep[]): EntityState =>
  steps.reduce((state, step) => transition(state, step).state, unknownEntity);

const told = (base: Base): EntityStep => ({ type: 'receive', base, trusted: true });

test('S38 what a snapshot leaves out while a change of it is out stays gone when the change is acknowledged', () => {
  const state = after(
    told(stored('theirs', 'v1')),
    { type: 'write', operation: operationOf('update') },
    { type: 'seal', request: requestOf('update', 'v1') },
    told(gone),
    { type: 'settle', key: 'key', base: stored('mine', 'v2') },
  );
  expect(state.work).toBeNull();
  expect(state.base?.entity).toBeNull();
});

test('S12 S17 what is created over a deletion is there, though of strings nobody knows which came later', () => {
  const deleted: Base = { entity: null, version: 'v1', updatedAt: null };
  const state = after(
    { type: 'write', operation: operationOf('create') },
    { type: 'seal', request: requestOf('create', null) },
    told(deleted),
    { type: 'settle', key: 'key', base: stored('mine', 'v2') },
  );
  expect(state).toEqual({ base: stored('mine', 'v2'), work: null });
});

test('S38 an entity that was gone before it was created is there when that is acknowledged', () => {
  const state = after(
    { type: 'write', operation: operationOf('create') },
    { type: 'seal', request: requestOf('create', null) },
    told(gone),
    { type: 'settle', key: 'key', base: stored('mine', 'v2') },
  );
  expect(state).toEqual({ base: stored('mine', 'v2'), work: null });
});
