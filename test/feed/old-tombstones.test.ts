import { expect, test } from 'vitest';
import type { Base } from '../../src/core/entity.ts';
import { createOldTombstones } from '../../src/feed/old-tombstones.ts';
import { createReplica, type Replica } from '../../src/store/replica.ts';
import { createVirtualClock } from '../../src/testing/virtual-clock.ts';

const tombstone: Base = { entity: null, version: 2, updatedAt: null };

const replicaWith = (base: Base): Replica => {
  const replica = createReplica(() => undefined);
  replica.apply({ type: 'feed', collection: 'tasks', changes: [{ id: '1', base }] });
  return replica;
};
const baseOf = (replica: Replica): Base | null | undefined => replica.find('tasks', '1')?.state.base;

test('G9 G10 a deletion of an earlier life is known as long as a frame from before it may be under way', async () => {
  const clock = createVirtualClock();
  const replica = replicaWith(tombstone);
  const tombstones = createOldTombstones(replica, clock);
  tombstones.loaded();
  tombstones.passed('tasks');
  await clock.advance(60_000);
  tombstones.passed('tasks');
  expect(baseOf(replica)).toEqual(tombstone);
  await clock.advance(60_000);
  tombstones.passed('tasks');
  expect(baseOf(replica)).toBeNull();
});

test('a deletion that no feed tells of is forgotten at once, and an entity that came again is not', () => {
  const [gone, back] = [replicaWith(tombstone), replicaWith(tombstone)];
  const clock = createVirtualClock();
  const [ofGone, ofBack] = [createOldTombstones(gone, clock), createOldTombstones(back, clock)];
  ofGone.loaded();
  ofBack.loaded();
  const again: Base = { entity: { id: '1', updatedAt: '' }, version: 3, updatedAt: null };
  back.apply({ type: 'feed', collection: 'tasks', changes: [{ id: '1', base: again }] });
  ofGone.forget('tasks');
  ofBack.forget('tasks');
  expect(baseOf(gone)).toBeNull();
  expect(baseOf(back)).toEqual(again);
});
