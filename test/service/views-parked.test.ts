import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  RejectedError,
  type AnyCollections,
  type ISyncOperation,
  type ISyncService,
  type SyncEvent,
} from '../../src/index.ts';
import { refuseWith } from '../../src/testing/backend/answers.ts';
import { codeOf, createServiceWorld, watch, type ServiceWorld } from '../support/service-world.ts';
import { fieldsOf } from './conflict-world.ts';

let world: ServiceWorld;
let sync: ISyncService<AnyCollections>;
const tasks = () => sync.collection('tasks');
const stored = () => fieldsOf(world.backend.record('tasks', '1')?.entity);
const refusal = () => refuseWith(new RejectedError({ status: 422, detail: { title: 'is empty' } }));

beforeEach(async () => {
  world = createServiceWorld();
  world.backend.edit('tasks', '1', { title: 'one', done: false });
  sync = await world.open();
  await tasks().pull();
});
afterEach(() => world.closeAll());

/** A refused change of the title. */
async function park(): Promise<ISyncOperation> {
  world.backend.once('update', refusal());
  tasks().patch('1', { title: '' });
  await world.settle();
  return sync.queue.parked()[0] as ISyncOperation;
}

/** A refused change of the title, and one of `done` that was written while it was out. */
async function parkTwo(): Promise<readonly ISyncOperation[]> {
  world.backend.once('update', world.after(1_000, refusal()));
  tasks().patch('1', { title: '' });
  await world.advance(500);
  tasks().patch('1', { done: true });
  await world.advance(1_000);
  return sync.queue.parked();
}

describe('parked', () => {
  it('says what was refused and why, and is kept across restarts', async () => {
    const operation = await park();
    expect(operation).toMatchObject({
      status: 'parked',
      entityId: '1',
      patch: [{ op: 'replace', path: '/title', value: '' }],
      error: { code: 'rejected', status: 422, detail: { title: 'is empty' } },
    });
    expect(sync.getSnapshot()).toMatchObject({ parked: 1, pending: 0, conflicts: 0 });
    expect(sync.queue.get(operation.id)).toEqual(operation);
    await sync.close();
    sync = await world.open();
    await world.advance(60_000);
    expect(sync.queue.parked()).toEqual([operation]);
    expect(world.backend.writes().length).toBe(1);
  });

  it('S25 counts what waits behind it as parked', async () => {
    expect((await parkTwo()).map(({ status }) => status)).toEqual(['parked', 'parked']);
    expect(sync.getSnapshot()).toMatchObject({ parked: 2, pending: 0 });
    expect(sync.queue.size).toBe(2);
    expect(tasks().status('1')).toBe('parked');
  });

  it('rejects synced of each with parked, never unhandled, and syncEntity too', async () => {
    world.backend.once('update', refusal());
    expect(await codeOf(sync.syncEntity('tasks', { id: '1', title: '' }))).toBe('parked');
  });

  it('export gives the whole queue as JSON', async () => {
    const operation = await park();
    expect(JSON.parse(await sync.queue.export())).toEqual([JSON.parse(JSON.stringify(operation))]);
  });
});

describe('retry', () => {
  it('S3 sends it again under a new key, and the promise that rejected stays so', async () => {
    world.backend.once('update', refusal());
    const write = tasks().patch('1', { title: '' });
    const fate = watch(write.synced);
    await world.settle();
    await sync.queue.retry(write.operationId!);
    await sync.flush();
    const [first, second] = world.backend.writes().map(({ context }) => context.idempotencyKey);
    expect(first).not.toBe(second);
    expect(stored()).toEqual({ title: '', done: false });
    expect(fate()).toMatchObject({ is: 'rejected', error: { code: 'parked' } });
    expect(sync.queue.size).toBe(0);
  });

  it('may be refused again', async () => {
    const { id } = await park();
    world.backend.once('update', refusal());
    await sync.queue.retry(id);
    await world.advance(60_000);
    expect(sync.queue.parked()).toMatchObject([{ id, status: 'parked' }]);
  });

  it('S10 meets what others changed meanwhile as a conflict', async () => {
    const { id } = await park();
    world.backend.edit('tasks', '1', { title: 'eins', done: false });
    await sync.pull();
    await sync.queue.retry(id);
    await sync.flush();
    expect(sync.conflicts.list()).toMatchObject([
      { paths: ['/title'], local: { title: '' }, remote: { title: 'eins' } },
    ]);
  });
});

describe('edit', () => {
  it('replaces the entity and sends it', async () => {
    const { id } = await park();
    await sync.queue.edit(id, { ...tasks().get('1')!, title: 'uno' });
    await sync.flush();
    expect(stored()).toEqual({ title: 'uno', done: false });
    expect(world.backend.effects.length).toBe(1);
    expect(sync.queue.size).toBe(0);
  });

  it('back to what the backend has sends nothing', async () => {
    const { id } = await park();
    await sync.queue.edit(id, { id: '1', title: 'one', done: false } as never);
    await sync.flush();
    expect(world.backend.writes().length).toBe(1);
    expect(sync.queue.size).toBe(0);
    expect(tasks().status('1')).toBe('synced');
  });

  it('with what was refused sends that again', async () => {
    const { id } = await park();
    await sync.queue.edit(id, { ...tasks().get('1')! });
    await sync.flush();
    expect(stored()).toEqual({ title: '', done: false });
  });

  it('rejects what is no entity, and leaves it parked', async () => {
    const { id } = await park();
    expect(await codeOf(sync.queue.edit(id, { id: '1', at: new Date(0) } as never))).toBe('invalid-entity');
    expect(sync.queue.parked().length).toBe(1);
  });
});

describe('discard', () => {
  it('G7 gives it up: the view is as the backend has it, and synced says so', async () => {
    const events: SyncEvent[] = [];
    sync.events$.subscribe((event) => events.push(event));
    const { id } = await park();
    await sync.queue.discard(id);
    expect(fieldsOf(tasks().get('1'))).toEqual({ title: 'one', done: false });
    expect(tasks().status('1')).toBe('synced');
    expect(sync.queue.size).toBe(0);
    expect(events.filter(({ type }) => type === 'operation.discarded')).toMatchObject([{ operation: { id } }]);
    await sync.close();
    sync = await world.open();
    await sync.flush();
    expect(world.backend.writes().length).toBe(1);
    expect(fieldsOf(tasks().get('1'))).toEqual({ title: 'one', done: false });
  });

  it('of a create leaves no entity', async () => {
    world.backend.once('create', refusal());
    tasks().put({ id: '2', title: '' });
    await world.settle();
    await sync.queue.discard(sync.queue.parked()[0]!.id);
    expect(tasks().get('2')).toBeUndefined();
    expect(tasks().status('2')).toBe('unknown-entity');
  });

  it('of a deletion brings the entity back', async () => {
    world.backend.once('delete', refusal());
    tasks().delete('1');
    await world.settle();
    await sync.queue.discard(sync.queue.parked()[0]!.id);
    expect(fieldsOf(tasks().get('1'))).toEqual({ title: 'one', done: false });
  });

  it('keeps what was written after it, which goes out when it is retried', async () => {
    const [first, second] = await parkTwo();
    await sync.queue.discard(first!.id);
    expect(fieldsOf(tasks().get('1'))).toEqual({ title: 'one', done: true });
    expect(sync.queue.parked().map(({ id }) => id)).toEqual([second!.id]);
    await sync.queue.retry(second!.id);
    await sync.flush();
    expect(stored()).toEqual({ title: 'one', done: true });
  });

  it('of all, one after the other, leaves nothing', async () => {
    for (const { id } of await parkTwo()) await sync.queue.discard(id);
    expect(sync.queue.size).toBe(0);
    expect(fieldsOf(tasks().get('1'))).toEqual({ title: 'one', done: false });
  });

  it('takes over what others changed while it was parked', async () => {
    const { id } = await park();
    world.backend.edit('tasks', '1', { title: 'eins', done: true });
    await sync.pull();
    await sync.queue.discard(id);
    expect(fieldsOf(tasks().get('1'))).toEqual({ title: 'eins', done: true });
    expect(sync.conflicts.list()).toEqual([]);
  });
});

describe('what is not parked', () => {
  it('cannot be retried, edited or discarded', async () => {
    sync.pause();
    const { operationId } = tasks().patch('1', { title: 'uno' });
    for (const id of [operationId!, 'unknown']) {
      expect(await codeOf(sync.queue.retry(id))).toBe('unknown-operation');
      expect(await codeOf(sync.queue.edit(id, tasks().get('1')!))).toBe('unknown-operation');
      expect(await codeOf(sync.queue.discard(id))).toBe('unknown-operation');
    }
    expect(sync.queue.size).toBe(1);
  });

  it('S7 one that only waits for another goes with that one, not before', async () => {
    await sync.close();
    sync = await world.open({ order: 'global' });
    const { id } = await park();
    const behind = tasks().put({ id: '2', title: 'two' }).operationId as string;
    await sync.queue.retry(behind);
    expect(sync.queue.parked().map((operation) => operation.id)).toEqual([id, behind]);
    await sync.queue.retry(id);
    await sync.flush();
    expect(sync.queue.size).toBe(0);
  });

  it('S15 may be asked for before the local data is loaded', async () => {
    const { id } = await park();
    await sync.close();
    sync = world.create();
    const done = sync.queue.discard(id);
    await world.settle();
    await done;
    expect(sync.queue.size).toBe(0);
  });
});
