import { afterEach, describe, expect, test } from 'vitest';
import type { ISyncService, SyncEvent } from '../../src/index.ts';
import { answerLost, keysOf } from './answers.ts';
import { createFaultWorld, type FaultWorld, type FaultWorldOptions } from './fault-world.ts';
import { watch } from '../support/service-world.ts';

let world: FaultWorld;
afterEach(() => world.close());

const followed = { collections: { tasks: {} }, conflict: 'manual' } as const;
const hourMs = 3_600_000;

async function start(ids: readonly string[], options: FaultWorldOptions = {}): Promise<ISyncService> {
  world = await createFaultWorld(options);
  for (const id of ids) await world.edit(id, { title: id, done: false });
  const sync = await world.open(followed);
  await world.settle();
  return sync;
}

const rows = (sync: ISyncService) =>
  sync
    .collection('tasks')
    .list()
    .map(({ id, title, done }) => [id, title, done]);

function resetsOf(sync: ISyncService): (string | null)[] {
  const epochs: (string | null)[] = [];
  sync.events$.subscribe((event: SyncEvent) => {
    if (event.type === 'server.reset') epochs.push(event.epoch);
  });
  return epochs;
}

/** The backup that the server came back from: `edited` is older there, `lost` was never in it. */
async function restore(): Promise<void> {
  await world.replaceServer('life-2');
  await world.edit('kept', { title: 'kept', done: false });
  await world.edit('edited', { title: 'of the backup', done: false });
}

describe('a server that came back with less data', () => {
  test('S39 G10 is reported once; everything is read anew, versions too, and the queue is kept', async () => {
    const sync = await start(['kept', 'edited', 'lost']);
    for (let round = 0; round < 5; round += 1) await world.edit('kept', { title: `round ${round}`, done: false });
    await Promise.all([sync.pull(), world.settle()]);
    expect(sync.collection('tasks').get('kept')).toMatchObject({ version: 6 });
    const resets = resetsOf(sync);
    const told: [string, boolean][] = [];
    sync.realTime.subscribe('tasks', (entity, { id }) => told.push([id, entity !== null]));
    sync.pause();
    const made = watch(sync.collection('tasks').put({ id: 'new', title: 'new', done: false }).synced);
    const changed = watch(sync.collection('tasks').patch('edited', { done: true }).synced);
    await restore();
    sync.resume();
    await world.advance(60_000);
    expect(resets).toEqual(['life-2']);
    expect(made()).toMatchObject({ is: 'resolved', value: { version: 1 } });
    expect(changed()).toMatchObject({ is: 'resolved', value: { title: 'of the backup', done: true, version: 2 } });
    expect(rows(sync)).toEqual([
      ['edited', 'of the backup', true],
      ['kept', 'kept', false],
      ['new', 'new', false],
    ]);
    expect(sync.collection('tasks').get('kept')).toMatchObject({ version: 1 });
    expect(told).toContainEqual(['lost', false]);
    expect(sync.getSnapshot()).toMatchObject({ pending: 0, parked: 0, conflicts: 0, error: null });
  });

  test('S39 G6 an edit of what the backup never had is a conflict, and an edit that it contradicts, too', async () => {
    const sync = await start(['kept', 'edited', 'lost']);
    sync.pause();
    sync.collection('tasks').patch('lost', { title: 'mine' });
    sync.collection('tasks').patch('edited', { title: 'mine' });
    await restore();
    sync.resume();
    await world.advance(60_000);
    expect(
      sync.conflicts
        .list()
        .map(({ entityId, status, remote }) => `${entityId} ${status}: ${(remote as { title?: string } | null)?.title}`)
        .toSorted(),
    ).toEqual(['edited open: of the backup', 'lost open: undefined']);
    expect(sync.getSnapshot()).toMatchObject({ pending: 0, conflicts: 2 });
    for (const { id } of sync.conflicts.list()) await sync.conflicts.resolve(id, 'local');
    await world.advance(60_000);
    expect([await world.entity('lost'), await world.entity('edited')]).toMatchObject([
      { title: 'mine' },
      { title: 'mine' },
    ]);
  });

  test('S39 G2 what had no answer before takes effect in the new life, once', async () => {
    const sync = await start([]);
    world.gateway.once('write', answerLost);
    world.gateway.always('feed', () => {
      throw new TypeError('fetch failed');
    });
    const write = watch(sync.collection('tasks').put({ id: '1', title: 'a' }).synced);
    await world.settle();
    await world.replaceServer('life-2');
    world.gateway.always('feed', null);
    await world.advance(120_000);
    expect(write()).toMatchObject({ is: 'resolved', value: { title: 'a', version: 1 } });
    expect(await world.entity('1')).toEqual({ id: '1', title: 'a' });
    expect(sync.conflicts.list()).toEqual([]);
    const keys = world.gateway.writes().flatMap(keysOf);
    expect(keys.length).toBeGreaterThan(1);
  });

  test('S39 is noticed by a service that was closed meanwhile', async () => {
    const sync = await start(['kept', 'edited', 'lost']);
    sync.pause();
    await sync.collection('tasks').patch('edited', { done: true }).durable;
    await sync.close();
    await restore();
    const again = await world.open(followed);
    await world.advance(60_000);
    expect(rows(again)).toEqual([
      ['edited', 'of the backup', true],
      ['kept', 'kept', false],
    ]);
    expect(again.queue.size).toBe(0);
  });
});

describe('a cursor that is too old', () => {
  test('G4 G6 leads to a snapshot: the queue is kept, what is gone is removed, and is a conflict where an edit is pending', async () => {
    const sync = await start(['a', 'b', 'c', 'd'], { server: { limits: { feedChanges: 3 } } });
    expect(rows(sync).length).toBe(4);
    const told: [string, boolean][] = [];
    sync.realTime.subscribe('tasks', (entity, { id }) => told.push([id, entity !== null]));
    world.setOnLine(false);
    world.gateway.always('any', () => {
      throw new TypeError('fetch failed');
    });
    const tasks = sync.collection('tasks');
    tasks.patch('b', { title: 'mine' });
    const edited = watch(tasks.patch('d', { done: true }).synced);
    const made = watch(tasks.put({ id: 'e', title: 'e', done: false }).synced);
    await world.edit('a', null);
    await world.edit('b', null);
    await world.edit('c', { title: 'theirs', done: false });
    for (let n = 0; n < 10; n += 1) await world.edit('busy', { title: `${n}`, done: false });
    await world.advance(3 * hourMs);
    expect(rows(sync).map(([id]) => id)).toEqual(['a', 'b', 'c', 'd', 'e']);

    world.gateway.always('any', null);
    world.setOnLine(true);
    await world.advance(120_000);
    expect(world.gateway.exchanges.some(({ path }) => path.includes('since='))).toBe(true);
    expect(rows(sync)).toEqual([
      ['b', 'mine', false],
      ['busy', '9', false],
      ['c', 'theirs', false],
      ['d', 'd', true],
      ['e', 'e', false],
    ]);
    expect([edited().is, made().is]).toEqual(['resolved', 'resolved']);
    expect(sync.conflicts.list()).toMatchObject([{ entityId: 'b', remote: null, local: { title: 'mine' } }]);
    expect(told).toContainEqual(['a', false]);
    expect(sync.getSnapshot()).toMatchObject({ pending: 0, parked: 0, conflicts: 1, error: null });
  });
});
