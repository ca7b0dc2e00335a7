import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  RejectedError,
  type AnyCollections,
  type ISyncEntity,
  type ISyncService,
  type ServerRecord,
} from '../../src/index.ts';
import { loseRequest, refuseWith } from '../../src/testing/backend/answers.ts';
import { createServiceWorld, watch, type ServiceWorld } from '../support/service-world.ts';

let world: ServiceWorld;
let sync: ISyncService<AnyCollections>;
const tasks = () => sync.collection('tasks');

function fieldsOf(entity: unknown): unknown {
  const { updatedAt: _, version: __, ...fields } = (entity ?? {}) as ISyncEntity;
  return fields;
}

const versionOf = ({ version }: ServerRecord) => version as number;

const methods = () => world.backend.calls.map(({ method }) => method).filter((method) => method !== 'probe');

afterEach(() => world.closeAll());

describe('an entity the store does not know', () => {
  beforeEach(async () => {
    world = createServiceWorld({ changes: false });
    sync = await world.open();
  });

  it('S13 with a version it is an update on that version, after the base was fetched', async () => {
    const version = versionOf(world.backend.edit('tasks', '1', { title: 'one', note: 'n' }));
    const written = await sync.syncEntity('tasks', { id: '1', title: 'uno', note: 'n', version });
    expect(fieldsOf(written)).toEqual({ id: '1', title: 'uno', note: 'n' });
    expect(methods()).toEqual(['get', 'update']);
    expect(world.backend.writes()[0]?.content).toMatchObject({
      baseVersion: version,
      patch: [{ op: 'replace', path: '/title', value: 'uno' }],
    });
    expect(sync.conflicts.list()).toEqual([]);
  });

  it('S13 without a version it is a create', async () => {
    await sync.syncEntity('tasks', { id: '1', title: 'one' });
    expect(methods()).toEqual(['create']);
  });

  it('S13 without a version over one that is there, it is a create/create conflict that merges', async () => {
    world.backend.edit('tasks', '1', { title: 'one', note: 'n' });
    await sync.syncEntity('tasks', { id: '1', title: 'one', rank: 1 });
    expect(world.backend.entity('tasks', '1')).toEqual({ id: '1', title: 'one', note: 'n', rank: 1 });
    expect(sync.conflicts.list()).toMatchObject([
      { base: null, local: { rank: 1 }, remote: { note: 'n' }, paths: [], status: 'resolved' },
    ]);
  });

  it('S13 with a version that has passed, it is a conflict and undoes nothing', async () => {
    const version = versionOf(world.backend.edit('tasks', '1', { title: 'one', note: 'n' }));
    world.backend.edit('tasks', '1', { title: 'one', note: 'theirs' });
    await sync.syncEntity('tasks', { id: '1', title: 'uno', note: 'n', version });
    const [conflict] = sync.conflicts.list();
    expect(conflict).toMatchObject({ base: null, local: { note: 'n' }, remote: { note: 'theirs' } });
    expect(conflict?.paths).toEqual(['/title', '/note']);
  });

  it('S13 with a version of one that is gone, the edit survives as a create', async () => {
    const version = versionOf(world.backend.edit('tasks', '1', { title: 'one' }));
    world.backend.edit('tasks', '1', null);
    await sync.syncEntity('tasks', { id: '1', title: 'uno', version });
    expect(world.backend.entity('tasks', '1')).toEqual({ id: '1', title: 'uno' });
    expect(sync.conflicts.list()).toMatchObject([{ remote: null, paths: [''], status: 'resolved' }]);
  });

  it('S13 deleting it fetches first, and deletes what was found', async () => {
    const version = versionOf(world.backend.edit('tasks', '1', { title: 'one' }));
    await sync.deleteEntity('tasks', '1');
    expect(methods()).toEqual(['get', 'delete']);
    expect(world.backend.writes()[0]?.content).toEqual({ baseVersion: version });
    expect(world.backend.entity('tasks', '1')).toBeUndefined();
  });

  it('S13 deleting one that is nowhere sends no deletion and succeeds', async () => {
    const write = tasks().delete('9');
    await sync.flush();
    expect(await write.synced).toBe(null);
    expect(methods()).toEqual(['get']);
    expect(tasks().status('9')).toBe('unknown-entity');
  });

  it('S13 a base that cannot be fetched now holds nothing else up, and is asked for again', async () => {
    world.backend.edit('tasks', '1', { title: 'one' });
    world.backend.once('get', loseRequest);
    const gone = watch(tasks().delete('1').synced);
    const other = tasks().put({ id: '2', title: 'two' });
    await world.advance(120_000);
    expect(fieldsOf(await other.synced)).toEqual({ id: '2', title: 'two' });
    expect(gone()).toEqual({ is: 'resolved', value: null });
    expect(world.backend.entity('tasks', '1')).toBeUndefined();
  });

  it('S13 an update on a told version outlives a restart before its base was fetched', async () => {
    world.setOnLine(false);
    const version = versionOf(world.backend.edit('tasks', '1', { title: 'one', note: 'n' }));
    await tasks().put({ id: '1', title: 'uno', note: 'n', version }).durable;
    await sync.close();
    world.setOnLine(true);
    sync = await world.open();
    await sync.flush();
    expect(world.backend.entity('tasks', '1')).toEqual({ id: '1', title: 'uno', note: 'n' });
    expect(sync.conflicts.list()).toEqual([]);
  });
});

describe('a form that was opened on an earlier state', () => {
  let opened: ISyncEntity;

  beforeEach(async () => {
    world = createServiceWorld();
    world.backend.edit('tasks', '1', { title: 'one', note: 'n' });
    sync = await world.open();
    await tasks().pull();
    opened = tasks().get('1') as ISyncEntity;
  });

  const theyEdit = async (fields: Record<string, unknown>) => {
    world.backend.edit('tasks', '1', fields);
    await sync.pull();
  };

  it('S13 changes what it changed, and undoes nothing of what others did since', async () => {
    await theyEdit({ title: 'one', note: 'theirs' });
    tasks().put({ ...opened, title: 'uno' });
    expect(fieldsOf(tasks().get('1'))).toEqual({ id: '1', title: 'uno', note: 'theirs' });
    await sync.flush();
    expect(world.backend.entity('tasks', '1')).toEqual({ id: '1', title: 'uno', note: 'theirs' });
    expect(sync.conflicts.list()).toEqual([]);
  });

  it('S13 that changed what others changed since is a conflict over the state it was opened on', async () => {
    await theyEdit({ title: 'eins', note: 'n' });
    tasks().put({ ...opened, title: 'uno' });
    await sync.flush();
    expect(sync.conflicts.list()).toMatchObject([
      {
        base: { title: 'one', version: 1 },
        local: { title: 'uno' },
        remote: { title: 'eins', version: 2 },
        paths: ['/title'],
        status: 'resolved',
      },
    ]);
  });

  it('S13 that changed nothing writes nothing', async () => {
    await theyEdit({ title: 'eins', note: 'n' });
    expect(tasks().put({ ...opened } as never).operationId).toBe(null);
    expect(fieldsOf(tasks().get('1'))).toEqual({ id: '1', title: 'eins', note: 'n' });
    expect(sync.queue.size).toBe(0);
  });

  it('S13 keeps what is pending, which counts as ours', async () => {
    await theyEdit({ title: 'one', note: 'theirs' });
    sync.pause();
    const first = tasks().patch('1', { rank: 1 });
    const second = tasks().put({ ...opened, title: 'uno' } as never);
    expect(fieldsOf(tasks().get('1'))).toEqual({ id: '1', title: 'uno', note: 'theirs', rank: 1 });
    sync.resume();
    await sync.flush();
    const result = { id: '1', title: 'uno', note: 'theirs', rank: 1 };
    expect(world.backend.entity('tasks', '1')).toEqual(result);
    expect([fieldsOf(await first.synced), fieldsOf(await second.synced)]).toEqual([result, result]);
    expect(sync.conflicts.list()).toEqual([]);
  });

  it('S13 is known for 8 states back', async () => {
    for (let index = 1; index <= 8; index += 1) await theyEdit({ title: 'one', note: `${index}` });
    tasks().put({ ...opened, title: 'uno' });
    await sync.flush();
    expect(world.backend.entity('tasks', '1')).toEqual({ id: '1', title: 'uno', note: '8' });
    expect(sync.conflicts.list()).toEqual([]);
  });

  it('S13 against a state that is not kept any more is a conflict', async () => {
    for (let index = 1; index <= 9; index += 1) await theyEdit({ title: 'one', note: `${index}` });
    tasks().put({ ...opened, title: 'uno' });
    await sync.flush();
    expect(sync.conflicts.list()).toMatchObject([{ base: null, paths: ['/title', '/note'] }]);
  });

  it('S13 a form that is saved twice contradicts itself in nothing', async () => {
    await sync.syncEntity('tasks', { ...opened, title: 'uno' } as never);
    await sync.syncEntity('tasks', { ...opened, title: 'due' } as never);
    expect(world.backend.entity('tasks', '1')).toEqual({ id: '1', title: 'due', note: 'n' });
    expect(sync.conflicts.list()).toEqual([]);
  });

  it('S13 a form that is saved twice meets only what others changed between', async () => {
    await sync.syncEntity('tasks', { ...opened, title: 'uno' } as never);
    await theyEdit({ title: 'uno', note: 'theirs' });
    await sync.syncEntity('tasks', { ...opened, title: 'due' } as never);
    expect(world.backend.entity('tasks', '1')).toEqual({ id: '1', title: 'due', note: 'theirs' });
    expect(sync.conflicts.list()).toEqual([]);
    await sync.syncEntity('tasks', { ...opened, note: 'ours' } as never);
    expect(sync.conflicts.list()).toMatchObject([{ paths: ['/note'], remote: { note: 'theirs' } }]);
  });

  it.each([
    ['is acknowledged', undefined],
    ['is refused', refuseWith(new RejectedError({ status: 422 }))],
  ])('S13 while a request is out it is judged when that %s: nothing is undone silently', async (_, answer) => {
    await theyEdit({ title: 'eins', note: 'n' });
    world.backend.once('update', world.after(1_000, answer));
    tasks().patch('1', { rank: 1 });
    await world.advance(500);
    tasks().put({ ...opened, title: 'uno', rank: 1 } as never);
    expect(fieldsOf(tasks().get('1'))).toEqual({ id: '1', title: 'uno', note: 'n', rank: 1 });
    await world.advance(60_000);
    if (answer) await sync.queue.retry(sync.queue.parked()[0]!.id);
    await world.advance(60_000);
    expect(sync.conflicts.list()).toMatchObject([
      { base: { title: 'one' }, local: { title: 'uno' }, remote: { title: 'eins' }, paths: ['/title'] },
    ]);
    expect(sync.queue.size).toBe(0);
  });

  it('S13 while a request is out, a form on a state that is not kept is a conflict, too', async () => {
    for (let index = 1; index <= 12; index += 1) await theyEdit({ title: 'one', note: `${index}` });
    world.backend.once('update', world.after(1_000));
    tasks().patch('1', { rank: 1 });
    await world.advance(500);
    tasks().put({ ...opened, title: 'uno' } as never);
    await world.advance(60_000);
    expect(sync.conflicts.list()).toMatchObject([{ base: null, remote: { note: '12', rank: 1 } }]);
    expect(sync.queue.size).toBe(0);
  });

  it('S13 over an entity that was deleted since is a deletion against an edit', async () => {
    world.backend.edit('tasks', '1', null);
    await sync.pull();
    expect(tasks().get('1')).toBeUndefined();
    tasks().put({ ...opened, title: 'uno' });
    await sync.flush();
    expect(sync.conflicts.list()).toMatchObject([{ base: { title: 'one' }, remote: null, paths: [''] }]);
    expect(world.backend.entity('tasks', '1')).toEqual({ id: '1', title: 'uno', note: 'n' });
  });

  it('S13 over an own deletion it begins anew, and over what was begun anew it changes that', async () => {
    tasks().delete('1');
    await sync.flush();
    tasks().put({ ...opened, title: 'uno' });
    await sync.flush();
    expect(world.backend.entity('tasks', '1')).toEqual({ id: '1', title: 'uno', note: 'n' });
    await sync.syncEntity('tasks', { ...opened, title: 'due' } as never);
    expect(world.backend.entity('tasks', '1')).toEqual({ id: '1', title: 'due', note: 'n' });
    expect(sync.conflicts.list()).toEqual([]);
  });

  it('S13 over an own deletion and what others created since it is a conflict that names both', async () => {
    tasks().delete('1');
    await sync.flush();
    await theyEdit({ title: 'one', note: 'theirs' });
    tasks().put({ ...opened, title: 'uno' });
    expect(fieldsOf(tasks().get('1'))).toEqual({ id: '1', title: 'uno', note: 'n' });
    await sync.flush();
    expect(sync.conflicts.list()).toMatchObject([
      { base: null, local: { title: 'uno', note: 'n' }, remote: { title: 'one', note: 'theirs' } },
    ]);
  });

  it('S13 over what was begun anew here and changed by others since it undoes nothing of either', async () => {
    tasks().delete('1');
    await sync.flush();
    await sync.syncEntity('tasks', { id: '1', title: 'anew', note: 'n' });
    await theyEdit({ title: 'anew', note: 'n', rank: 1 });
    await sync.syncEntity('tasks', { ...opened, note: 'ours' } as never);
    expect(world.backend.entity('tasks', '1')).toEqual({ id: '1', title: 'anew', note: 'ours', rank: 1 });
    expect(sync.conflicts.list()).toEqual([]);
  });

  it('S13 with the version that the base has is a plain write', async () => {
    await theyEdit({ title: 'eins', note: 'n' });
    tasks().put({ ...tasks().get('1')!, title: 'uno' });
    expect(sync.queue.list()).toMatchObject([{ patch: [{ op: 'replace', path: '/title', value: 'uno' }] }]);
    await sync.flush();
    expect(sync.conflicts.list()).toEqual([]);
  });

  it('S13 after a restart earlier states are not known: it is a conflict', async () => {
    await theyEdit({ title: 'one', note: 'theirs' });
    await sync.close();
    sync = await world.open();
    tasks().put({ ...opened, title: 'uno' });
    await sync.flush();
    expect(sync.conflicts.list()).toMatchObject([{ base: null, paths: ['/title', '/note'] }]);
  });
});
