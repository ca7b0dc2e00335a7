import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ConflictError,
  createSyncService,
  type AnyCollections,
  type ApiClient,
  type ISyncService,
  type RemoteChange,
  type ServerRecord,
  type Version,
} from '../../src/index.ts';
import { createServiceWorld, type ServiceWorld } from '../support/service-world.ts';
import { fieldsOf } from './conflict-world.ts';

const toText = (version: Version | undefined) => `v-${'zyxwvutsrqponmlkjihgfedcba'.charAt(Number(version))}`;
const toNumber = (version: Version | null) =>
  version === null ? null : 'zyxwvutsrqponmlkjihgfedcba'.indexOf(String(version).slice(2));

const textRecord = (record: ServerRecord): ServerRecord => ({ ...record, version: toText(record.version) });

/** The backend with versions that are texts without an order. */
function withTexts(api: ApiClient): ApiClient {
  const told = async (answer: Promise<ServerRecord | void>): Promise<ServerRecord> => {
    try {
      return textRecord((await answer) as ServerRecord);
    } catch (error) {
      if (error instanceof ConflictError) throw new ConflictError({ current: textRecord(error.current) });
      throw error;
    }
  };
  return {
    get: async (collection, id, context) => {
      const record = await api.get(collection, id, context);
      return record && textRecord(record);
    },
    create: (collection, entity, context) => told(api.create(collection, entity, context)),
    update: (collection, id, change, context) =>
      told(api.update(collection, id, { ...change, baseVersion: toNumber(change.baseVersion) }, context)),
    delete: (collection, id, change, context) =>
      told(api.delete(collection, id, { baseVersion: toNumber(change.baseVersion) }, context)),
    capabilities: { idempotent: true },
    realTime: api.realTime!,
  };
}

describe('versions that are texts', () => {
  let world: ServiceWorld;
  let sync: ISyncService<AnyCollections>;
  const tasks = () => sync.collection('tasks');
  const gets = () => world.backend.calls.filter(({ method }) => method === 'get').length;
  const frame = (record: ServerRecord, baseVersion?: number): RemoteChange => ({
    collection: 'tasks',
    id: '1',
    record: textRecord(record),
    ...(baseVersion === undefined ? {} : { baseVersion: toText(baseVersion) }),
  });
  const send = async (change: RemoteChange) => {
    for (const socket of world.backend.sockets) socket.send({ type: 'change', change });
    await world.advance(1);
  };

  beforeEach(async () => {
    world = createServiceWorld({ realTime: true, changes: false });
    world.backend.edit('tasks', '1', { a: 1, b: 1 });
    sync = createSyncService(withTexts(world.backend.apiClient), {
      environment: world.environment,
      storage: world.storage,
    });
    await sync.ready;
    await tasks().load('1');
    sync.enableRealTime();
    sync.realTime.subscribe('tasks', () => undefined);
    await world.settle();
    for (const socket of world.backend.sockets) socket.send({ type: 'open' });
    await world.settle();
  });
  afterEach(() => sync.close());

  it('S12 a change applies when it was made on the state that is known, without asking', async () => {
    const asked = gets();
    await send(frame(world.backend.edit('tasks', '1', { a: 2, b: 1 }), 1));
    expect(fieldsOf(tasks().get('1'))).toEqual({ a: 2, b: 1 });
    expect(gets()).toBe(asked);
  });

  it('S12 any other is fetched: an old one told late changes nothing', async () => {
    const second = world.backend.edit('tasks', '1', { a: 2, b: 1 });
    const third = world.backend.edit('tasks', '1', { a: 3, b: 1 });
    const asked = gets();
    await send(frame(third, 2));
    expect(gets()).toBe(asked + 1);
    expect(fieldsOf(tasks().get('1'))).toEqual({ a: 3, b: 1 });
    await send(frame(second, 1));
    expect(fieldsOf(tasks().get('1'))).toEqual({ a: 3, b: 1 });
  });

  it('S12 the state in a refusal counts, whatever a frame said before it', async () => {
    const second = world.backend.edit('tasks', '1', { a: 2, b: 1 });
    world.backend.once('update', world.after(1_000));
    tasks().patch('1', { a: 9 });
    await world.advance(500);
    await send(frame(second, 1));
    world.backend.edit('tasks', '1', { a: 3, b: 1 });
    await world.advance(60_000);
    expect(sync.conflicts.list().map(({ remote }) => fieldsOf(remote))).toEqual([{ a: 3, b: 1 }]);
    expect(sync.queue.size).toBe(0);
  });

  it('S12 a refusal that comes late takes nothing back: what is there now is looked up', async () => {
    const second = world.backend.edit('tasks', '1', { a: 2, b: 1 });
    world.backend.once('update', async (_, apply) => {
      const refused = apply();
      await Promise.allSettled([refused, new Promise<void>((resolve) => world.clock.setTimeout(resolve, 1_000))]);
      return refused;
    });
    tasks().patch('1', { a: 9 });
    await world.advance(500);
    await send(frame(second, 1));
    await send(frame(world.backend.edit('tasks', '1', { a: 3, b: 1 }), 2));
    const asked = gets();
    await world.advance(60_000);
    expect(gets()).toBe(asked + 1);
    expect(sync.conflicts.list().map(({ remote }) => fieldsOf(remote))).toEqual([{ a: 3, b: 1 }]);
    expect(sync.queue.size).toBe(0);
  });

  it('S10 S12 foreign changes are merged and conflicts found as with numbers', async () => {
    sync.pause();
    tasks().patch('1', { a: 9 });
    await send(frame(world.backend.edit('tasks', '1', { a: 1, b: 2 }), 1));
    expect(fieldsOf(tasks().get('1'))).toEqual({ a: 9, b: 2 });
    expect(sync.conflicts.list()).toEqual([]);
    await send(frame(world.backend.edit('tasks', '1', { a: 5, b: 2 }), 2));
    sync.resume();
    await sync.flush();
    expect(sync.conflicts.list()).toMatchObject([{ base: { a: 1, b: 2 }, local: { a: 9 }, remote: { a: 5 } }]);
  });
});
