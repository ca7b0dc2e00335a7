import { describe, expect, it } from 'vitest';
import { ForbiddenError, UnauthorizedError } from '../../src/index.ts';
import { loseRequest, refuseWith } from '../../src/testing/backend/answers.ts';
import { codeOf, watch } from '../support/service-world.ts';
import { makeWorld } from '../support/make-world.ts';

async function openPlain() {
  const world = makeWorld({ changes: false, probe: false });
  world.backend.edit('tasks', '1', { title: 'there' });
  const sync = await world.open();
  return { world, sync, tasks: sync.collection('tasks') };
}

describe('load() with a backend of four functions', () => {
  it('S26 S40 tells that the backend answers, and that it does not any more', async () => {
    const { world, sync, tasks } = await openPlain();
    expect(sync.isOnline()).toBe(false);
    await tasks.load('1');
    expect(sync.isOnline()).toBe(true);
    world.backend.once('get', loseRequest);
    expect(await codeOf(tasks.load('1'))).toBe('unavailable');
    expect(sync.isOnline()).toBe(false);
    await tasks.load('1');
    expect(sync.isOnline()).toBe(true);
  });

  it('S26 takes a refusal for an answer', async () => {
    const { world, sync, tasks } = await openPlain();
    world.backend.once('get', refuseWith(new ForbiddenError()));
    expect(await codeOf(tasks.load('1'))).toBe('forbidden');
    expect(sync.getSnapshot().connectivity).toBe('online');
  });

  it('S36 a value that is no record says nothing of the way', async () => {
    const { world, sync, tasks } = await openPlain();
    await tasks.load('1');
    world.backend.once('get', () => 'nonsense');
    expect(await codeOf(tasks.load('1'))).toBe('bad-response');
    expect(sync.isOnline()).toBe(true);
  });

  it('S26 G7 an expired session is asked about once, then needs-auth shows, until the backend takes a token again', async () => {
    const { world, sync, tasks } = await openPlain();
    world.backend.always('get', refuseWith(new UnauthorizedError()));
    for (let time = 0; time < 2; time += 1) {
      expect(await codeOf(tasks.load('1'))).toBe('unauthorized');
      await world.settle();
    }
    expect(sync.getSnapshot().auth).toBe('needs-auth');
    world.backend.always('get', null);
    sync.authRenewed();
    await world.settle();
    await tasks.load('1');
    await world.settle();
    expect(sync.getSnapshot().auth).toBe('authorized');
  });
});

describe('what a load and the app itself bring', () => {
  async function openListening() {
    const world = makeWorld({ realTime: true });
    world.backend.edit('users', '42', { name: 'a' });
    const sync = await world.open({ collections: { users: {} } });
    const users = sync.collection('users');
    await sync.pull();
    const told: unknown[] = [];
    sync.realTime.subscribe('users', (user) => told.push(user?.['name' as never]));
    world.backend.edit('users', '42', { name: 'b' });
    return { world, sync, users, told };
  }

  it('S41 a load tells a foreign change, once', async () => {
    const { world, sync, users, told } = await openListening();
    await users.load('42');
    await world.settle();
    expect(told).toEqual(['b']);
    await users.load('42');
    await sync.pull();
    await world.settle();
    expect(told).toEqual(['b']);
  });

  it('S41 what the app received is told as a foreign change, once', async () => {
    const { world, sync, users, told } = await openListening();
    const record = world.backend.record('users', '42');
    await users.receive([record as never]);
    await world.settle();
    await users.receive([record as never]);
    await sync.pull();
    await world.settle();
    expect(told).toEqual(['b']);
  });

  it('G9 an own write that a load finds acknowledged is no news', async () => {
    const { world, sync, users, told } = await openListening();
    await sync.pull();
    await world.settle();
    told.length = 0;
    const write = watch(users.patch('42', { name: 'mine' }).synced);
    await world.settle();
    expect(write().is).toBe('resolved');
    await users.load('42');
    await world.settle();
    expect(told).toEqual([]);
  });
});
