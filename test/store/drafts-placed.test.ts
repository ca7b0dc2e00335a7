import { expect, test } from 'vitest';
import type { Base, ISyncEntity } from '../../src/core/entity.ts';
import { createKeptBases } from '../../src/outbox/kept-bases.ts';
import { placeDraft } from '../../src/outbox/place-draft.ts';
import { createDrafts } from '../../src/store/drafts.ts';
import { viewOf } from '../../src/store/entity-state.ts';
import type { EntityStep, StoredOperation } from '../../src/store/entry.ts';
import { createReplica } from '../../src/store/replica.ts';

const entity = (fields: object): ISyncEntity => ({ id: '1', updatedAt: 't', ...fields });
const told = (version: number, fields: object): Base => ({
  entity: entity({ version, ...fields }),
  version,
  updatedAt: 't',
});
const change = (id: string, path: string, value: string): StoredOperation => ({
  id,
  clientId: 'c',
  sequence: Number(id.slice(1)),
  timestamp: `t${id}`,
  collection: 'tasks',
  entityId: '1',
  type: 'update',
  patch: [{ op: 'replace', path, value }],
  baseVersion: 1,
});

test('G9 a draft is on top of what was sent before it, whatever a sibling changed meanwhile', () => {
  const replica = createReplica();
  const kept = createKeptBases();
  const drafts = createDrafts(
    replica,
    (slot, state, draft) => placeDraft(state, draft, (version) => kept.since(slot, version), undefined),
    kept.followed,
  );
  const take = (step: EntityStep) => drafts.take({ type: 'entity', collection: 'tasks', id: '1', step });
  const slot = replica.slot('tasks', '1');
  const request = {
    collection: 'tasks',
    entityId: '1',
    type: 'update',
    idempotencyKey: 'k',
    operationIds: ['o1'],
    timestamp: 'to1',
    baseVersion: 1,
    entity: entity({ title: 'mine' }),
  } as const;

  take({ type: 'receive', base: told(1, { title: '' }) });
  take({ type: 'write', operation: change('o1', '/title', 'mine') });
  take({ type: 'seal', request });
  const on = slot.state.base;
  const before = viewOf(slot.state);
  drafts.add({ type: 'draft', collection: 'tasks', id: '1', operation: change('o3', '/title', 'drafted'), on, before });
  take({ type: 'write', operation: change('o2', '/title', "a sibling's") });
  expect(viewOf(slot.state)).toMatchObject({ title: 'drafted' });
  take({ type: 'settle', key: 'k', base: told(2, { title: 'mine' }) });
  expect(slot.state).toMatchObject({ base: { version: 2 }, work: { view: { title: 'drafted' }, foreign: null } });
});
