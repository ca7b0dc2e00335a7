import { afterEach, describe, expect, it } from 'vitest';
import { NotFoundError, type ChangePage, type RemoteChange, type SyncEvent } from '../../src/index.ts';
import { answerWith } from '../../src/testing/backend/answers.ts';
import { createServiceWorld, idsOf, type ServiceWorld } from '../support/service-world.ts';

let world: ServiceWorld;
afterEach(() => world.closeAll());

const updatedAt = '2026-01-01T00:00:00.000Z';
const row = (version: string | number, more: Partial<RemoteChange> = {}): RemoteChange => ({
  collection: 'tasks',
  id: '1',
  record: { entity: { id: '1', updatedAt, version }, version, updatedAt },
  ...more,
});
const tombstone = (version: string | number, more: Partial<RemoteChange> = {}): RemoteChange => ({
  collection: 'tasks',
  id: '1',
  record: { entity: null, version, deleted: true, updatedAt },
  ...more,
});
const page = (cursor: string, ...changes: readonly RemoteChange[]): ChangePage => ({
  changes,
  cursor,
  hasMore: false,
});

/** A service that holds version 5 of a row by someone else, deletes it, and is answered without a version. */
async function deleteAtFive(answer: unknown, version: string | number = 5) {
  world = createServiceWorld();
  const { backend } = world;
  const told: ChangePage[] = [];
  const fetched: unknown[] = [];
  backend.always('changes', () => told.shift() ?? page('end'));
  backend.always('get', () => fetched.shift() ?? null);
  backend.always('delete', answerWith(answer));
  const sync = await world.open({ collections: { tasks: {} } });
  await sync.pull();
  fetched.push(row(version).record);
  await sync.collection('tasks').load('1');
  sync.collection('tasks').delete('1');
  await sync.flush();
  const { idempotencyKey = '' } = backend.calls.find(({ method }) => method === 'delete')!.context;
  const listened: SyncEvent[] = [];
  sync.realTime.subscribe('tasks', (_, change) => listened.push(change as never));
  const pull = async (...changes: readonly RemoteChange[]) => {
    told.push(page('next', ...changes));
    await sync.pull();
    return idsOf(sync, 'tasks');
  };
  return { sync, own: { idempotencyKey } as const, pull, fetched, listened };
}

describe('a deletion that was acknowledged without a version', () => {
  it('G4 G10 is not undone by the state that it deleted, which the feed tells after it', async () => {
    const { pull, own, listened } = await deleteAtFive(undefined);
    expect(await pull(row(4), row(5))).toEqual([]);
    expect(await pull(tombstone(6, own))).toEqual([]);
    expect(listened).toEqual([]);
  });

  it('G4 G10 stands where the feed tells both in one page', async () => {
    const { pull, own, listened } = await deleteAtFive(undefined);
    expect(await pull(row(5), tombstone(6, own))).toEqual([]);
    expect(listened).toEqual([]);
  });

  it('G4 stands over a change that the backend had taken before it, once the feed comes to the deletion', async () => {
    const { pull, own } = await deleteAtFive(undefined);
    expect(await pull(row(6))).toEqual(['1']);
    expect(await pull(tombstone(7, own))).toEqual([]);
  });

  it('G4 S12 does so where versions are strings', async () => {
    const { pull, own, fetched } = await deleteAtFive(undefined, 'e');
    expect(await pull(row('d', { baseVersion: 'c' }), row('e', { baseVersion: 'd' }))).toEqual([]);
    expect(await pull(tombstone('f', { baseVersion: 'e', ...own }))).toEqual([]);
    fetched.push(row('g').record);
    expect(await pull(row('g'))).toEqual(['1']);
  });

  it('G4 does not keep away a row that is there again at the same version: the backend is asked', async () => {
    const { pull, fetched, listened } = await deleteAtFive(undefined);
    fetched.push(row(5).record);
    expect(await pull(row(5))).toEqual(['1']);
    expect(listened).toHaveLength(1);
  });

  it('G10 S12 stands after a restart', async () => {
    const { sync } = await deleteAtFive(undefined);
    await sync.close();
    const told = [page('later', row(5))];
    world.backend.always('changes', () => told.shift() ?? page('later'));
    const next = await world.open({ collections: { tasks: {} } });
    await next.pull();
    expect(idsOf(next, 'tasks')).toEqual([]);
  });

  it('G10 S17 takes the version of the tombstone that a 404 tells', async () => {
    world = createServiceWorld();
    const { backend } = world;
    const told = [page('1', row(5))];
    backend.always('changes', () => told.shift() ?? page('end'));
    backend.always('delete', () => {
      throw new NotFoundError({ current: tombstone(8).record });
    });
    const sync = await world.open({ collections: { tasks: {} } });
    await sync.pull();
    sync.collection('tasks').delete('1');
    await sync.flush();
    told.push(page('2', row(7)));
    await sync.pull();
    expect(idsOf(sync, 'tasks')).toEqual([]);
    expect(backend.calls.filter(({ method }) => method === 'get')).toEqual([]);
  });
});
