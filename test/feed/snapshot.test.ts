import { expect, test } from 'vitest';
import type { Base } from '../../src/core/entity.ts';
import { createSnapshot } from '../../src/feed/snapshot.ts';
import { createReplica, type Replica } from '../../src/store/replica.ts';

const base = (id: string, version: number): Base => ({
  entity: { id, updatedAt: '', version },
  version,
  updatedAt: null,
});

const receive = (replica: Replica, id: string, version: number): void => {
  replica.apply({ type: 'feed', collection: 'tasks', changes: [{ id, base: base(id, version) }] });
};

/** An entity that was made here and there, and is in conflict. */
const contest = (replica: Replica, id: string): void => {
  const operation = {
    id: `op-${id}`,
    clientId: 'here',
    sequence: 1,
    collection: 'tasks',
    entityId: id,
    type: 'create',
    entity: { id, updatedAt: '', ...{ note: 'made here' } },
    baseVersion: null,
    timestamp: '2026-01-01T00:00:00.0000000Z',
  } as const;
  replica.apply({ type: 'entity', collection: 'tasks', id, step: { type: 'write', operation } });
  receive(replica, id, 1);
};

const missingAfter = (replica: Replica, during: () => void, mentioned: readonly string[]): readonly string[] => {
  const snapshot = createSnapshot(replica.slots('tasks'), () => false);
  during();
  for (const id of mentioned) snapshot.mention(id);
  return snapshot.missing().map(({ id }) => id);
};

test('S38 what a snapshot does not mention is missing, unless it changed meanwhile', () => {
  const replica = createReplica();
  for (const id of ['mentioned', 'gone', 'changed']) receive(replica, id, 1);
  expect(missingAfter(replica, () => receive(replica, 'changed', 2), ['mentioned'])).toEqual(['gone']);
});

test('S38 the other side of a conflict is missing when the snapshot does not mention it', () => {
  const replica = createReplica();
  contest(replica, 'gone');
  contest(replica, 'mentioned');
  expect(missingAfter(replica, () => undefined, ['mentioned'])).toEqual(['gone']);
});
