import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AnyCollections, ISyncEntity, ISyncService, JsonPatch } from '../../src/index.ts';
import { loseAnswer, refuseWith } from '../../src/testing/backend/answers.ts';
import type { BackendCall } from '../../src/testing/backend/planned-api-client.ts';
import { createServiceWorld, watch, type ServiceWorld } from '../support/service-world.ts';
import { ConflictError, RejectedError } from '../../src/index.ts';

let world: ServiceWorld;
let sync: ISyncService<AnyCollections>;
const tasks = () => sync.collection('tasks');

/** An entity without its metadata. */
function fieldsOf(entity: unknown): unknown {
  const { updatedAt: _, version: __, ...fields } = (entity ?? {}) as ISyncEntity;
  return fields;
}

async function start(): Promise<void> {
  world.backend.edit('tasks', '1', { title: 'one', done: false });
  sync = await world.open();
  await tasks().pull();
}

beforeEach(() => {
  world = createServiceWorld();
});
afterEach(() => world.closeAll());

describe('metadata', () => {
  beforeEach(start);

  it("S8 ignores a caller's updatedAt: writing it alone is no change", () => {
    const write = tasks().put({ id: '1', title: 'one', done: false, updatedAt: '1999-01-01T00:00:00.000Z' });
    expect(write.operationId).toBe(null);
    expect(sync.queue.size).toBe(0);
  });

  it('S8 stamps what is written, whatever the caller says', () => {
    tasks().put({ id: '2', title: 'two', updatedAt: '1999-01-01T00:00:00.000Z' });
    expect(tasks().get('2')?.updatedAt.slice(0, 4)).toBe('2026');
  });

  it('S8 hands a stamped entity to the backend, and patches without metadata', async () => {
    await world.advance(5_000);
    tasks().patch('1', { title: 'uno' });
    const [operation] = sync.queue.list();
    await sync.flush();
    const [call] = world.backend.writes();
    const { patch, entity } = (call as BackendCall).content as { patch: JsonPatch; entity: ISyncEntity };
    expect(patch).toEqual([{ op: 'replace', path: '/title', value: 'uno' }]);
    expect(entity.updatedAt).toBe(operation?.timestamp);
    expect(call?.context.updatedAt).toBe(operation?.timestamp);
  });

  it('S8 a state that differs in metadata only moves no view away from what is pending, and is no conflict', async () => {
    sync.pause();
    tasks().patch('1', { title: 'uno' });
    world.backend.edit('tasks', '1', { title: 'one', done: false });
    await sync.pull();
    expect(fieldsOf(tasks().get('1'))).toEqual({ id: '1', title: 'uno', done: false });
    expect(sync.conflicts.list()).toEqual([]);
    sync.resume();
    await sync.flush();
    expect(world.backend.entity('tasks', '1')).toEqual({ id: '1', title: 'uno', done: false });
    expect(sync.conflicts.list()).toEqual([]);
  });
});

describe('rebasing', () => {
  beforeEach(start);

  it('S9 each operation says what changed since the one before it', () => {
    sync.pause();
    tasks().patch('1', { title: 'a' });
    tasks().patch('1', { title: 'b', done: true });
    expect(sync.queue.list().map(({ patch }) => patch)).toEqual([
      [{ op: 'replace', path: '/title', value: 'a' }],
      [
        { op: 'replace', path: '/title', value: 'b' },
        { op: 'replace', path: '/done', value: true },
      ],
    ]);
  });

  it('S9 the view is null-based before a create is acknowledged, and never shows the base without what is pending', async () => {
    const seen: unknown[] = [];
    tasks()
      .entity$('2')
      .subscribe((entity) => seen.push(entity && { title: entity['title'], version: entity.version }));
    tasks().put({ id: '2', title: 'a' });
    world.backend.once('create', world.after(1_000));
    await world.advance(500);
    tasks().patch('2', { title: 'b' });
    await world.advance(60_000);
    expect(seen[0]).toBeUndefined();
    expect(seen.slice(1).map((each) => (each as { title: string }).title)).toEqual(expect.arrayContaining(['a', 'b']));
    const titles = seen.slice(1).map((each) => (each as { title: string }).title);
    expect(titles.lastIndexOf('a')).toBeLessThan(titles.indexOf('b'));
  });

  it('S10 a foreign change of another field is taken over at once, without a record', async () => {
    sync.pause();
    const write = tasks().patch('1', { title: 'uno' });
    const theirs = world.backend.edit('tasks', '1', { title: 'one', done: true });
    await sync.pull();
    expect(fieldsOf(tasks().get('1'))).toEqual({ id: '1', title: 'uno', done: true });
    expect(sync.queue.list()).toMatchObject([
      { baseVersion: theirs.version, patch: [{ op: 'replace', path: '/title', value: 'uno' }] },
    ]);
    sync.resume();
    await sync.flush();
    expect(fieldsOf(await write.synced)).toEqual({ id: '1', title: 'uno', done: true });
    expect(sync.conflicts.list()).toEqual([]);
    expect(world.backend.writes().length).toBe(1);
  });

  it('S10 a foreign change of the same field is a conflict before anything is sent', async () => {
    sync.pause();
    tasks().patch('1', { title: 'uno' });
    world.backend.edit('tasks', '1', { title: 'eins', done: false });
    await sync.pull();
    await world.settle();
    expect(sync.conflicts.list()).toMatchObject([
      {
        entityId: '1',
        paths: ['/title'],
        base: { title: 'one' },
        local: { title: 'uno' },
        remote: { title: 'eins' },
        status: 'resolved',
      },
    ]);
    expect(world.backend.writes()).toEqual([]);
  });

  it('S10 what both changed alike is no conflict: nothing is left to send', async () => {
    sync.pause();
    const write = tasks().patch('1', { title: 'uno' });
    world.backend.edit('tasks', '1', { title: 'uno', done: false });
    await sync.pull();
    expect(sync.queue.size).toBe(0);
    expect(fieldsOf(await write.synced)).toEqual({ id: '1', title: 'uno', done: false });
    expect(tasks().status('1')).toBe('synced');
    expect(sync.conflicts.list()).toEqual([]);
  });

  it('S10 while a request is out, a foreign state waits for its outcome', async () => {
    world.backend.once('update', world.after(2_000));
    tasks().patch('1', { title: 'uno' });
    await world.advance(500);
    world.backend.edit('tasks', '1', { title: 'one', done: true });
    await sync.pull();
    expect(tasks().status('1')).toBe('sending');
    expect(fieldsOf(tasks().get('1'))).toEqual({ id: '1', title: 'uno', done: false });
    await world.advance(60_000);
    expect(world.backend.entity('tasks', '1')).toEqual({ id: '1', title: 'uno', done: true });
    expect(fieldsOf(tasks().get('1'))).toEqual({ id: '1', title: 'uno', done: true });
    expect(sync.conflicts.list()).toMatchObject([{ paths: [], status: 'resolved' }]);
  });

  it('S10 while the outcome is unknown, a foreign state waits too, and the repeat is an acknowledgement', async () => {
    world.backend.once('update', loseAnswer);
    tasks().patch('1', { title: 'uno' });
    await world.settle();
    expect(sync.queue.list()).toMatchObject([{ status: 'unknown' }]);
    void tasks().receive([world.backend.edit('tasks', '1', { title: 'drei', done: true })]);
    await world.settle();
    expect(fieldsOf(tasks().get('1'))).toEqual({ id: '1', title: 'uno', done: false });
    await world.advance(60_000);
    expect(sync.queue.size).toBe(0);
    expect(world.backend.effects.length).toBe(1);
    expect(fieldsOf(tasks().get('1'))).toEqual({ id: '1', title: 'drei', done: true });
    expect(sync.conflicts.list()).toEqual([]);
  });

  it('S10 a parked entity follows foreign changes of other fields', async () => {
    world.backend.once('update', refuseWith(new RejectedError({ status: 422 })));
    tasks().patch('1', { title: '' });
    await world.settle();
    expect(tasks().status('1')).toBe('parked');
    world.backend.edit('tasks', '1', { title: 'one', done: true });
    await sync.pull();
    expect(fieldsOf(tasks().get('1'))).toEqual({ id: '1', title: '', done: true });
    expect(tasks().status('1')).toBe('parked');
  });

  it('S11 what the backend makes of our change is taken over; later changes stay on top, without a record', async () => {
    world.backend.once('create', async (call, apply) => {
      await new Promise<void>((resolve) => world.clock.setTimeout(resolve, 1_000));
      await apply();
      return world.backend.edit('tasks', call.id, { title: 'TWO', slug: 'two', rank: 7 });
    });
    tasks().put({ id: '2', title: 'two' });
    await world.advance(500);
    tasks().patch('2', { title: 'zwei' });
    await world.advance(60_000);
    expect(fieldsOf(tasks().get('2'))).toEqual({ id: '2', title: 'zwei', slug: 'two', rank: 7 });
    expect(world.backend.entity('tasks', '2')).toEqual({ id: '2', title: 'zwei', slug: 'two', rank: 7 });
    expect(sync.conflicts.list()).toEqual([]);
  });

  it('S11 a deletion that waits behind a create outlives what the backend makes of the create', async () => {
    world.backend.once('create', async (call, apply) => {
      await new Promise<void>((resolve) => world.clock.setTimeout(resolve, 1_000));
      await apply();
      return world.backend.edit('tasks', call.id, { title: 'TWO', slug: 'two' });
    });
    tasks().put({ id: '2', title: 'two', rank: 1 });
    await world.advance(500);
    tasks().patch('2', { rank: 2 });
    const gone = tasks().delete('2');
    await world.advance(60_000);
    expect(await gone.synced).toBe(null);
    expect(tasks().get('2')).toBeUndefined();
    expect(world.backend.entity('tasks', '2')).toBeUndefined();
    expect(sync.conflicts.list()).toEqual([]);
  });
});

describe('versions', () => {
  beforeEach(start);

  it('S12 a lower number than the known one is ignored, told by whomever', async () => {
    const old = world.backend.record('tasks', '1');
    world.backend.edit('tasks', '1', { title: 'newer', done: false });
    await sync.pull();
    void tasks().receive([old!]);
    await world.settle();
    expect(tasks().get('1')).toMatchObject({ title: 'newer', version: 2 });
  });

  it('S12 the state in a refusal is authoritative, whatever its version', async () => {
    world.backend.edit('tasks', '1', { title: 'two', done: false });
    world.backend.edit('tasks', '1', { title: 'three', done: false });
    await sync.pull();
    const current = {
      entity: { id: '1', title: 'restored', done: true, updatedAt: '2025-01-01T00:00:00.000Z' },
      version: 1,
      updatedAt: '2025-01-01T00:00:00.000Z',
    };
    world.backend.once('update', refuseWith(new ConflictError({ current })));
    world.backend.once('update', () => ({ ...current, entity: { ...current.entity, extra: 1 }, version: 2 }));
    tasks().patch('1', { extra: 1 });
    await sync.flush();
    expect(tasks().get('1')).toMatchObject({ title: 'restored', extra: 1, version: 2 });
    expect(sync.conflicts.list()).toMatchObject([{ remote: { title: 'restored', version: 1 } }]);
  });

  it('S12 what load gives is authoritative', async () => {
    world.backend.edit('tasks', '1', { title: 'two', done: false });
    await sync.pull();
    const restored = { id: '1', title: 'restored', updatedAt: '2025-01-01T00:00:00.000Z' };
    world.backend.once('get', () => ({ entity: restored, version: 1, updatedAt: restored.updatedAt }));
    expect(await tasks().load('1')).toMatchObject({ title: 'restored', version: 1 });
  });
});

describe('writing', () => {
  beforeEach(start);

  it('S14 put replaces all fields, patch those it names, undefined removes one', () => {
    sync.pause();
    tasks().put({ id: '1', note: 'n', rank: 1 });
    expect(fieldsOf(tasks().get('1'))).toEqual({ id: '1', note: 'n', rank: 1 });
    tasks().patch('1', { rank: 2, note: undefined });
    expect(fieldsOf(tasks().get('1'))).toEqual({ id: '1', rank: 2 });
    tasks().patch('1', (current) => ({ ...current, rank: Number(current['rank']) + 1 }));
    expect(fieldsOf(tasks().get('1'))).toEqual({ id: '1', rank: 3 });
  });

  it('S14 syncEntity replaces all fields', async () => {
    await sync.syncEntity('tasks', { id: '1', note: 'n' });
    expect(world.backend.entity('tasks', '1')).toEqual({ id: '1', note: 'n' });
  });

  it('S14 a patch of an unknown or deleted entity is refused', () => {
    expect(() => tasks().patch('9', { title: 'x' })).toThrow(expect.objectContaining({ code: 'unknown-entity' }));
    tasks().delete('1');
    expect(() => tasks().patch('1', { title: 'x' })).toThrow(expect.objectContaining({ code: 'unknown-entity' }));
    expect(() => tasks().patch('9', () => ({ id: '9' }))).toThrow(expect.objectContaining({ code: 'unknown-entity' }));
  });

  it('S14 list is ordered by id in code-unit order', () => {
    for (const id of ['b', 'B', 'ä', '10', '9', '\u{1F600}', '\uFFFD']) tasks().put({ id, title: id });
    const ids = tasks()
      .list()
      .map(({ id }) => id);
    expect(ids).toEqual(['1', '10', '9', 'B', 'b', 'ä', '\u{1F600}', '\uFFFD']);
  });
});

describe('superseding', () => {
  beforeEach(start);

  it('S27 a write to a parked entity goes out in a new request, with what was refused in it', async () => {
    world.backend.once('update', refuseWith(new RejectedError({ status: 422 })));
    const refused = watch(tasks().patch('1', { title: '' }).synced);
    await world.settle();
    const second = tasks().patch('1', { done: true });
    await sync.flush();
    const keys = world.backend.writes().map(({ context }) => context.idempotencyKey);
    expect(keys.length).toBe(2);
    expect(keys[0]).not.toBe(keys[1]);
    expect(world.backend.entity('tasks', '1')).toEqual({ id: '1', title: '', done: true });
    expect(refused()).toMatchObject({ is: 'rejected', error: { code: 'parked', status: 422 } });
    expect(fieldsOf(await second.synced)).toEqual({ id: '1', title: '', done: true });
  });

  it('S27 a deletion of a parked create sends nothing', async () => {
    world.backend.once('create', refuseWith(new RejectedError({ status: 422 })));
    tasks().put({ id: '2', title: '' });
    await world.settle();
    expect(tasks().status('2')).toBe('parked');
    const gone = tasks().delete('2');
    await sync.flush();
    expect(await gone.synced).toBe(null);
    expect(world.backend.writes().length).toBe(1);
    expect(tasks().status('2')).toBe('unknown-entity');
  });

  it('S27 S10 a write to a parked entity meets what others changed meanwhile as a conflict', async () => {
    world.backend.once('update', refuseWith(new RejectedError({ status: 422 })));
    tasks().patch('1', { title: '' });
    await world.settle();
    world.backend.edit('tasks', '1', { title: 'eins', done: false });
    await sync.pull();
    expect(tasks().status('1')).toBe('parked');
    tasks().patch('1', { done: true });
    await sync.flush();
    expect(sync.conflicts.list()).toMatchObject([
      { paths: ['/title'], local: { title: '', done: true }, remote: { title: 'eins' }, status: 'resolved' },
    ]);
    expect(sync.queue.size).toBe(0);
  });

  it('S27 S10 a write to a parked entity that agrees with what others made of it leaves nothing to send', async () => {
    world.backend.once('update', refuseWith(new RejectedError({ status: 422 })));
    tasks().patch('1', { title: '' });
    await world.settle();
    world.backend.edit('tasks', '1', { title: 'eins', done: false });
    await sync.pull();
    const write = tasks().patch('1', { title: 'eins' });
    await sync.flush();
    expect(fieldsOf(await write.synced)).toEqual({ id: '1', title: 'eins', done: false });
    expect(sync.conflicts.list()).toEqual([]);
    expect(tasks().status('1')).toBe('synced');
  });
});
