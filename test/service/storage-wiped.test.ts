import { afterEach, expect, it } from 'vitest';
import type { ISyncOperation } from '../../src/index.ts';
import { loseAnswer } from '../../src/testing/backend/answers.ts';
import { createPlannedStorage, type PlannedStorage } from '../../src/testing/planned-storage.ts';
import { createServiceWorld, type ServiceWorld } from '../support/service-world.ts';

let world: ServiceWorld;
let storage: PlannedStorage;
afterEach(() => world.closeAll());

const marksOf = (operations: readonly ISyncOperation[]) =>
  operations.map(({ id, clientId, sequence }) => ({ id, clientId, sequence }));
const keysSent = () => world.backend.writes().map(({ context }) => context.idempotencyKey);
const writersStored = () => [
  ...new Set([...storage.items.keys()].flatMap((key) => /journal\/([^/]+)/.exec(key)?.[1] ?? [])),
];

/** Three writes, of which one took effect and was not acknowledged; then everything stored vanishes. `isNoticed`: it is written again. */
async function wipedInMidst(isNoticed: boolean) {
  storage = createPlannedStorage();
  world = createServiceWorld({ storage });
  const sync = await world.open();
  const tasks = sync.collection('tasks');
  tasks.put({ id: 'done', n: 1 });
  await world.settle();
  world.backend.always('write', loseAnswer);
  world.backend.always('changes', () => Promise.reject(new Error('cut')));
  tasks.put({ id: 'sent', n: 1 });
  await world.settle();
  sync.pause();
  await tasks.put({ id: 'waits', n: 1 }).durable;
  const before = marksOf(sync.queue.list());
  const writers = writersStored();
  storage.items.clear();
  if (isNoticed) world.signalPage('resumed');
  await world.advance(100);
  return { sync, before, writers };
}

it('G2 S33 after its storage was wiped the same client goes on: its numbers, its names and what was sent under its key', async () => {
  const { sync, before } = await wipedInMidst(true);
  sync.collection('tasks').put({ id: 'after', n: 1 });
  await world.settle();
  const [sent, waits, after] = marksOf(sync.queue.list());
  expect([sent, waits]).toEqual(before);
  expect(after).toMatchObject({ clientId: sent?.clientId, sequence: (waits?.sequence ?? 0) + 1 });
  expect(new Set([sent, waits, after].map((mark) => mark?.id)).size).toBe(3);
  await sync.close();

  const attempts = keysSent();
  world.backend.always('write', null);
  world.backend.always('changes', null);
  const again = await world.open();
  await world.runUntil(() => again.queue.size === 0);
  expect(attempts.at(-1)).toBeDefined();
  expect(keysSent().slice(attempts.length)).toContain(attempts.at(-1));
  expect(new Set(world.backend.effects).size).toBe(world.backend.effects.length);
  for (const id of ['done', 'sent', 'waits', 'after']) expect(world.backend.record('tasks', id)?.version).toBe(1);
});

it('G2 S33 a client that begins on a storage that was wiped shares no name, number or key with the one before', async () => {
  const { sync, before, writers } = await wipedInMidst(false);
  await sync.close();
  storage.items.clear();
  world.backend.always('write', null);
  world.backend.always('changes', null);
  const former = keysSent();
  const again = await world.open();
  again.pause();
  await again.collection('tasks').put({ id: 'sent', n: 2 }).durable;
  const [mark] = marksOf(again.queue.list());
  expect(before.map(({ clientId }) => clientId)).not.toContain(mark?.clientId);
  expect(writersStored()).toEqual([mark?.clientId]);
  expect(writers).not.toContain(mark?.clientId);
  again.resume();
  await world.runUntil(() => again.queue.size === 0);
  const fresh = keysSent().slice(former.length);
  expect(fresh.length).toBeGreaterThan(0);
  expect(fresh.filter((key) => former.includes(key))).toEqual([]);
  expect(world.backend.entity('tasks', 'sent')).toMatchObject({ n: 2 });
});
