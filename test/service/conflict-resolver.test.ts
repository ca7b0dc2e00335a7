import { expect, it } from 'vitest';
import type { Conflict, Resolution } from '../../src/index.ts';
import { makeWorld } from '../support/make-world.ts';
import { watch } from '../support/service-world.ts';

interface Call {
  readonly title: unknown;
  answer(resolution: Resolution): void;
}

/** A resolver that answers when the test does. */
function createSlowResolver(): { readonly calls: Call[]; resolve(conflict: Conflict): Promise<Resolution> } {
  const calls: Call[] = [];
  return {
    calls,
    resolve: ({ local }) =>
      new Promise((answer) => {
        calls.push({ title: (local as unknown as { title: unknown } | null)?.title, answer });
      }),
  };
}

it('S16 a resolver is asked once per state of its entity, and what it says of an earlier state has no effect', async () => {
  const world = makeWorld();
  const { calls, resolve } = createSlowResolver();
  const sync = await world.open({ conflict: resolve });
  const tasks = sync.collection('tasks');
  tasks.put({ id: '1', title: 'a' });
  await sync.flush();
  world.backend.edit('tasks', '1', { title: 'theirs' });
  tasks.patch('1', { title: 'b' });
  await world.settle();
  for (const title of ['c', 'd']) {
    tasks.patch('1', { title });
    await world.settle();
  }
  const flushed = watch(sync.flush());
  calls[0]?.answer('manual');
  calls[1]?.answer('manual');
  await world.settle();
  expect(calls.map(({ title }) => title)).toEqual(['b', 'c', 'd']);
  expect(flushed()).toEqual({ is: 'open' });
  calls[2]?.answer({ entity: { id: '1', title: 'both' } as never });
  await world.advance(1_000);
  expect(world.backend.entity('tasks', '1')).toEqual({ id: '1', title: 'both' });
  expect(sync.conflicts.list().map(({ status }) => status)).toEqual(['resolved']);
});
