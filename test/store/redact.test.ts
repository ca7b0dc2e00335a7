import { expect, test } from 'vitest';
import type { ConflictRecord } from '../../src/core/conflict.ts';
import type { Base, ISyncEntity } from '../../src/core/entity.ts';
import type { EntityWork } from '../../src/store/entity-state.ts';
import type { EntityStep, SealedRequest, StoredOperation, ToldPatch } from '../../src/store/entry.ts';
import { createRedaction } from '../../src/store/redact.ts';

const redaction = createRedaction((collection) => (collection === 'users' ? ['/pin', '/card/number'] : []));

const entity = { id: 'u', updatedAt: '1', name: 'Ada', pin: 'canary', card: { owner: 'A', number: 'canary' } };
const base: Base = { entity: entity as ISyncEntity, version: 1, updatedAt: '1' };
const about = { collection: 'users', baseVersion: 1 } as const;
const patch = [
  { op: 'replace', path: '/name', value: 'B' },
  { op: 'replace', path: '/pin', value: 'canary' },
  { op: 'add', path: '/card', value: { owner: 'B', number: 'canary' } },
  { op: 'replace', path: '/card/number/part', value: 'canary' },
] as const;
const operation: Required<StoredOperation> = {
  ...about,
  id: 'o',
  clientId: 'c',
  sequence: 1,
  type: 'update',
  entityId: 'u',
  entity: entity as ISyncEntity,
  patch,
  timestamp: '1',
  absorbs: [],
  lost: [],
};
const request: Required<SealedRequest> = {
  ...about,
  idempotencyKey: 'k',
  type: 'update',
  entityId: 'u',
  entity: entity as ISyncEntity,
  patch,
  operationIds: ['o'],
  updatedAt: '1',
  timestamp: '1',
};
const record: Required<ConflictRecord> = {
  id: 'x',
  collection: 'users',
  entityId: 'u',
  base: base.entity,
  local: base.entity,
  remote: base.entity,
  resolved: base.entity,
  paths: ['/pin', '/pin/canary', '/name'],
  localTimestamp: '1',
  remoteTimestamp: '1',
  strategy: 'manual',
  status: 'resolved',
  detectedAt: '1',
  resolvedAt: '1',
};
const error = { code: 'rejected', message: 'canary', status: 422, detail: 'canary' } as const;

const told: ToldPatch = { id: 'u', on: 1, patch, version: 2, updatedAt: '1' };

const steps: { readonly [Type in EntityStep['type']]: Required<EntityStep & { type: Type }> } = {
  write: { type: 'write', operation, against: base },
  seal: { type: 'seal', request },
  settle: { type: 'settle', key: 'k', base },
  park: { type: 'park', key: 'k', error },
  unseal: { type: 'unseal', key: 'k' },
  conflict: { type: 'conflict', key: 'k', looked: true, remote: base, id: 'x', at: '1' },
  resolve: { type: 'resolve', remote: base, operation, record },
  receive: { type: 'receive', base, trusted: true },
  patch: { type: 'patch', told },
  annihilate: { type: 'annihilate', operationIds: ['o'] },
  discard: { type: 'discard', operationId: 'o' },
  retry: { type: 'retry' },
  forget: { type: 'forget' },
};
const work: Required<EntityWork> = {
  view: base.entity,
  pending: [operation],
  request,
  foreign: base,
  conflict: { id: 'x', at: '1' },
  refusal: error,
  supersededBy: 'o',
  openedOn: base,
  rounds: 1,
};

const cutEntity = { id: 'u', updatedAt: '1', name: 'Ada', card: { owner: 'A' } };
const cutBase = { entity: cutEntity, version: 1, updatedAt: '1', cut: ['/pin', '/card/number'] };
const cutPatch = [
  { op: 'replace', path: '/name', value: 'B' },
  { op: 'add', path: '/card', value: { owner: 'B' } },
];
const cutOperation = { ...operation, entity: cutEntity, patch: cutPatch, lost: ['/pin', '/card/number'] };
const cutRequest = { ...request, entity: cutEntity, patch: cutPatch };
const cutRecord = {
  ...record,
  base: cutEntity,
  local: cutEntity,
  remote: cutEntity,
  resolved: cutEntity,
  paths: ['/pin', '/name'],
};

test.each(Object.values(steps))('G17 no part of the entry of a step $type tells an excluded value', (step) => {
  const entry = { type: 'entity', collection: 'users', id: 'u', step } as const;
  expect(JSON.stringify(redaction.entry(entry))).not.toContain('canary');
  expect(redaction.entry({ ...entry, collection: 'other' })).toEqual({ ...entry, collection: 'other' });
});

test('G17 what is left of an entry is the rest of it, and what was cut', () => {
  const cut = (step: EntityStep) => redaction.entry({ type: 'entity', collection: 'users', id: 'u', step });
  const left = (step: unknown) => ({ type: 'entity', collection: 'users', id: 'u', step });
  expect(cut(steps.write)).toEqual(left({ type: 'write', operation: cutOperation, against: cutBase }));
  expect(cut(steps.seal)).toEqual(left({ type: 'seal', request: cutRequest }));
  expect(cut(steps.resolve)).toEqual(
    left({ type: 'resolve', remote: cutBase, operation: cutOperation, record: cutRecord }),
  );
  expect(cut(steps.park)).toMatchObject(left({ type: 'park', key: 'k', error: { code: 'rejected', status: 422 } }));
});

test('G17 no part of a page of a feed tells an excluded value', () => {
  const changes = [{ id: 'u', base, trusted: true, patched: told }, told];
  expect(redaction.entry({ type: 'feed', collection: 'users', changes, cursor: '1' })).toEqual({
    type: 'feed',
    collection: 'users',
    changes: [
      { id: 'u', base: cutBase, trusted: true },
      { ...told, patch: cutPatch },
    ],
    cursor: '1',
  });
});

test('S28 a change that was told as one is stored as one, where nothing of it is cut', () => {
  const whole = { id: 'v', base };
  const entry = { type: 'feed', collection: 'other', changes: [{ id: 'u', base, patched: told }, whole] } as const;
  expect(redaction.entry(entry)).toEqual({ ...entry, changes: [told, whole] });
});

test('G17 no part of an entity on a page tells an excluded value', () => {
  const { refusal, ...cut } = redaction.state('users', { base, work }).work ?? {};
  expect(JSON.stringify(refusal)).not.toContain('canary');
  const { refusal: _, ...whole } = work;
  expect(cut).toEqual({
    ...whole,
    view: cutEntity,
    pending: [cutOperation],
    request: cutRequest,
    foreign: cutBase,
    openedOn: cutBase,
  });
  expect(redaction.state('users', { base, work }).base).toEqual(cutBase);
});

test('G17 what holds nothing excluded stays the same object', () => {
  const plain: Base = { entity: { id: 'u', updatedAt: '1' }, version: 1, updatedAt: '1' };
  expect(redaction.state('users', { base: plain, work: null }).base).toBe(plain);
});
