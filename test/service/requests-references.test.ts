import { describe, expect, it } from 'vitest';
import { ForbiddenError, type SyncOptions, type SyncRequest } from '../../src/index.ts';
import { loseRequest, neverAnswer, refuseWith } from '../../src/testing/backend/answers.ts';
import { makeStrictWorld, sentOf } from '../support/strict-world.ts';
import { watch } from '../support/service-world.ts';

const collections: SyncOptions['collections'] = {
  projects: {},
  tasks: { references: { '/projectId': 'projects', '/meta/parents': 'tasks' } },
};

describe('references', () => {
  it('S7 what refers to an entity waits until the backend has it', async () => {
    const world = makeStrictWorld();
    const sync = await world.open({ collections });
    sync.collection('projects').put({ id: 'p', name: 'p' });
    sync.collection('tasks').put({ id: 't1', projectId: 'p' });
    sync.collection('tasks').put({ id: 't2', projectId: 'p' });
    sync.collection('tasks').put({ id: 'free', n: 1 });
    await world.advance(50);
    expect(sentOf(world)).toEqual(['p', 'free']);
    await world.advance(60);
    expect(sentOf(world)).toEqual(['p', 'free', 't1', 't2']);
    await world.advance(200);
    expect(sync.getSnapshot()).toMatchObject({ pending: 0, parked: 0, conflicts: 0 });
  });

  it('S7 also when it was written first, and when the reference came with a later write', async () => {
    const world = makeStrictWorld();
    const sync = await world.open({ collections });
    sync.pause();
    sync.collection('tasks').put({ id: 'early', projectId: 'p' });
    sync.collection('tasks').put({ id: 'later', n: 1 });
    sync.collection('projects').put({ id: 'p', name: 'p' });
    sync.collection('tasks').patch('later', { projectId: 'p' });
    await world.settle();
    sync.resume();
    await world.advance(1_000);
    expect(sentOf(world)).toEqual(['p', 'early', 'later']);
    expect(sync.getSnapshot()).toMatchObject({ pending: 0, parked: 0 });
  });

  it('S7 what turns away from an entity is not sent as it was before that is stored', async () => {
    const world = makeStrictWorld();
    const sync = await world.open({ collections });
    sync.collection('projects').put({ id: 'bad', name: 'p' });
    sync.collection('tasks').put({ id: 'child', projectId: 'bad' });
    await sync.flush();
    sync.collection('tasks').patch('child', { projectId: undefined });
    await world.advance(1_000);
    expect(sentOf(world)).toEqual(['bad', 'child']);
    expect(world.backend.entity('tasks', 'child')).toEqual({ id: 'child' });
  });

  it('S7 is judged anew when others of the same batch had to be looked at first', async () => {
    const world = makeStrictWorld({ batch: true });
    const sync = await world.open({ collections });
    world.backend.once('get', world.after(5_000));
    world.backend.once('create', world.after(10_000));
    sync.collection('tasks').delete('unknown');
    sync.collection('tasks').put({ id: 't', n: 1 });
    await world.settle();
    sync.collection('projects').put({ id: 'p', name: 'p' });
    sync.collection('tasks').patch('t', { projectId: 'p' });
    await world.advance(60_000);
    expect(sentOf(world)).toEqual(['p', 't']);
    expect(sync.getSnapshot()).toMatchObject({ pending: 0, parked: 0 });
  });

  it('S7 a list of ids refers to each of them', async () => {
    const world = makeStrictWorld();
    const sync = await world.open({ collections });
    sync.collection('tasks').put({ id: 'a', n: 1 });
    sync.collection('tasks').put({ id: 'b', n: 1 });
    sync.collection('tasks').put({ id: 'c', meta: { parents: ['a', 'b', 'nowhere', 7, null] } });
    await world.advance(50);
    expect(sentOf(world)).toEqual(['a', 'b']);
    await world.advance(200);
    expect(sentOf(world)).toEqual(['a', 'b', 'c']);
  });

  it('S7 entities that refer to each other go in issue order', async () => {
    const world = makeStrictWorld();
    const sync = await world.open({ collections });
    sync.pause();
    sync.collection('tasks').put({ id: 'a', meta: { parents: ['b', 'a'] } });
    sync.collection('tasks').put({ id: 'b', meta: { parents: ['c'] } });
    sync.collection('tasks').put({ id: 'c', meta: { parents: ['a'] } });
    await world.settle();
    sync.resume();
    await world.advance(2_000);
    expect(sync.getSnapshot()).toMatchObject({ pending: 0, parked: 0 });
    expect(sentOf(world)).toEqual(['a', 'b', 'c']);
  });

  it('S7 G8 S25 a refused one holds what refers to it, which counts as parked, and nothing else', async () => {
    const world = makeStrictWorld();
    const sync = await world.open({ collections });
    const parent = sync.collection('projects').put({ id: 'bad', name: 'p' });
    sync.collection('tasks').put({ id: 'child', projectId: 'bad' });
    sync.collection('tasks').put({ id: 'grandchild', meta: { parents: ['child'] } });
    sync.collection('tasks').put({ id: 'free', n: 1 });
    const child = watch(sync.syncEntity('tasks', { id: 'child', projectId: 'bad', n: 2 }));
    const flushed = watch(sync.flush());
    await world.advance(600_000);
    expect(flushed().is).toBe('resolved');
    expect(sentOf(world)).toEqual(['bad', 'free']);
    expect(sync.getSnapshot()).toMatchObject({ pending: 0, parked: 4, conflicts: 0, stalled: false });
    expect(sync.queue.parked().map(({ entityId }) => entityId)).toEqual(['bad', 'child', 'grandchild', 'child']);
    expect(['child', 'grandchild', 'free'].map((id) => sync.collection('tasks').status(id))).toEqual([
      'parked',
      'parked',
      'synced',
    ]);
    expect(child()).toMatchObject({ is: 'resolved', value: { n: 2 } });
    await sync.queue.edit(parent.operationId!, { id: 'bad', name: 'good' });
    world.backend.always('create', null);
    await sync.flush();
    expect(sentOf(world).slice(2)).toEqual(['bad', 'child', 'grandchild']);
    expect(sync.getSnapshot()).toMatchObject({ pending: 0, parked: 0 });
    expect(sync.queue.size).toBe(0);
  });

  it('S7 a discarded parent lets its children go', async () => {
    const world = makeStrictWorld();
    const sync = await world.open({ collections });
    const parent = sync.collection('projects').put({ id: 'bad', name: 'p' });
    const child = sync.collection('tasks').put({ id: 'child', projectId: 'bad' });
    await sync.flush();
    await sync.queue.discard(parent.operationId!);
    await sync.flush();
    expect(sentOf(world)).toEqual(['bad', 'child']);
    await expect(child.synced).rejects.toMatchObject({ code: 'parked', detail: 'no such project' });
  });

  it('S25 what waits behind a refused parent says why, and can be discarded, and retried with it', async () => {
    const world = makeStrictWorld();
    const sync = await world.open({ collections });
    sync.collection('projects').put({ id: 'bad', name: 'p' });
    sync.collection('tasks').put({ id: 'one', projectId: 'bad' });
    sync.collection('tasks').put({ id: 'two', projectId: 'bad' });
    await sync.flush();
    const [, one] = sync.queue.parked();
    expect(one).toMatchObject({ entityId: 'one', error: { code: 'parked' } });
    await sync.queue.discard(one!.id);
    expect(sync.collection('tasks').has('one')).toBe(false);
    world.backend.always('create', null);
    for (const { id } of sync.queue.parked().toReversed()) await sync.queue.retry(id);
    await sync.flush();
    expect(sentOf(world)).toEqual(['bad', 'bad', 'two']);
  });

  it('S7 a refused update holds what is written about it', async () => {
    const world = makeStrictWorld();
    const sync = await world.open({ collections });
    await world.advance(0);
    sync.collection('projects').put({ id: 'p', name: 'p' });
    await world.advance(1_000);
    world.backend.once('update', refuseWith(new ForbiddenError()));
    sync.collection('projects').patch('p', { name: 'x' });
    await world.advance(1_000);
    sync.collection('tasks').put({ id: 't', projectId: 'p' });
    await world.advance(1_000);
    expect(sync.getSnapshot()).toMatchObject({ pending: 0, parked: 2 });
    await sync.queue.discard(sync.queue.parked()[0]!.id);
    await world.advance(1_000);
    expect(world.backend.entity('tasks', 't')).toBeDefined();
  });

  it('S7 a deletion waits for earlier changes of what refers to it', async () => {
    const world = makeStrictWorld();
    const sync = await world.open({ collections });
    sync.collection('projects').put({ id: 'p', name: 'p' });
    await world.advance(1_000);
    sync.collection('tasks').put({ id: 't', projectId: 'p' });
    await world.advance(1_000);
    world.backend.always('write', world.after(100));
    world.backend.always('create', null);
    sync.collection('tasks').delete('t');
    sync.collection('projects').delete('p');
    await world.advance(50);
    expect(sentOf(world)).toEqual(['p', 't', 't']);
    await world.advance(500);
    expect(sentOf(world)).toEqual(['p', 't', 't', 'p']);
    expect(sync.getSnapshot().pending).toBe(0);
  });

  it('S7 what refers to an entity waits for its create also when it was deleted meanwhile', async () => {
    const world = makeStrictWorld();
    const sync = await world.open({ collections });
    sync.collection('projects').put({ id: 'p', name: 'p' });
    sync.collection('tasks').put({ id: 't', projectId: 'p' });
    await world.advance(50);
    sync.collection('projects').delete('p');
    await world.advance(1_000);
    expect(sentOf(world)).toEqual(['p', 't', 'p']);
    expect(sync.getSnapshot()).toMatchObject({ pending: 0, parked: 0 });
  });

  it('S7 batches never hold an entity with what it waits for', async () => {
    const world = makeStrictWorld({ batch: true });
    const sync = await world.open({ collections });
    sync.pause();
    for (let n = 0; n < 5; n += 1) sync.collection('projects').put({ id: `p${n}`, n });
    for (let n = 0; n < 10; n += 1) sync.collection('tasks').put({ id: `t${n}`, projectId: `p${n % 5}` });
    await world.settle();
    sync.resume();
    await sync.flush();
    const batches = world.backend
      .writes()
      .map(({ content }) => (content as SyncRequest[]).map(({ collection }) => collection));
    expect(batches.map((batch) => [batch.length, ...new Set(batch)])).toEqual([
      [5, 'projects'],
      [10, 'tasks'],
    ]);
  });

  it('S7 S25 holds outlive a restart', async () => {
    const world = makeStrictWorld();
    const sync = await world.open({ collections });
    sync.collection('tasks').put({ id: 'child', projectId: 'bad' });
    sync.collection('projects').put({ id: 'bad', name: 'p' });
    await sync.flush();
    expect(sync.getSnapshot()).toMatchObject({ pending: 0, parked: 2 });
    await sync.close();
    const again = await world.open({ collections });
    await world.advance(60_000);
    expect(again.getSnapshot()).toMatchObject({ pending: 0, parked: 2 });
    expect(sentOf(world)).toEqual(['bad']);
  });

  it('S1 a request that may have been sent is not held back', async () => {
    const world = makeStrictWorld();
    const sync = await world.open({ collections });
    sync.collection('projects').put({ id: 'p', name: 'p' });
    await world.advance(1_000);
    world.backend.always('create', neverAnswer);
    sync.collection('tasks').put({ id: 't', projectId: 'p' });
    await world.advance(31_000);
    world.backend.once('update', refuseWith(new ForbiddenError()));
    sync.collection('projects').patch('p', { name: 'x' });
    await world.advance(31_000);
    world.backend.always('create', null);
    await world.advance(120_000);
    expect(world.backend.entity('tasks', 't')).toBeDefined();
    expect(sync.getSnapshot()).toMatchObject({ pending: 0, parked: 1 });
  });

  it('S7 G5 a parent that gets no answer holds its children as pending, and they follow it', async () => {
    const world = makeStrictWorld();
    const sync = await world.open({ collections });
    world.backend.always('create', loseRequest);
    sync.collection('projects').put({ id: 'p', name: 'p' });
    sync.collection('tasks').put({ id: 't', projectId: 'p' });
    await world.advance(60_000);
    expect(sync.getSnapshot()).toMatchObject({ pending: 2, parked: 0 });
    world.backend.always('create', null);
    await world.advance(120_000);
    expect(sync.getSnapshot().pending).toBe(0);
  });

  it('S27 a local write over the refused parent frees parent and children', async () => {
    const world = makeStrictWorld();
    const sync = await world.open({ collections });
    sync.collection('projects').put({ id: 'bad', name: 'p' });
    sync.collection('tasks').put({ id: 'child', projectId: 'bad' });
    await sync.flush();
    world.backend.always('create', null);
    sync.collection('projects').patch('bad', { name: 'better' });
    await sync.flush();
    expect(sentOf(world)).toEqual(['bad', 'bad', 'child']);
  });
});
