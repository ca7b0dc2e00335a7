import { Observable } from 'rxjs';
import { afterEach, expect, it } from 'vitest';
import type { RealTimeChannel, RealTimeMessage, RealTimeTransport } from '../../src/index.ts';
import { createTabWorld, type TabWorld } from '../support/tab-world.ts';

let world: TabWorld;

afterEach(() => world.closeAll());

/** Sockets that are open and say nothing, and what is asked of the one that was opened last. */
function createQuietTransport(): RealTimeTransport & { readonly open: number; readonly channels: string[] } {
  let open = 0;
  let asked: readonly RealTimeChannel[] = [];
  return {
    get open() {
      return open;
    },
    get channels() {
      return asked.map(({ channel }) => channel);
    },
    connect: ({ channels$ }) =>
      new Observable<RealTimeMessage>((subscriber) => {
        open += 1;
        subscriber.next({ type: 'open' });
        subscriber.add(channels$.subscribe((channels) => (asked = channels)));
        subscriber.add(() => (open -= 1));
      }),
  };
}

const needsAmong = (posted: readonly unknown[]) =>
  posted.flatMap((message) => ('needs' in (message as object) ? [(message as { needs: unknown }).needs] : []));

it('S41 a follower says once which entity it subscribed to, however many tabs hear of it', async () => {
  const posted: unknown[] = [];
  world = createTabWorld({ onPosted: (message) => posted.push(message) });
  const [, second] = [await world.open(), await world.open(), await world.open(), await world.open()];
  posted.length = 0;
  second.sync.realTime.subscribe('users/1', () => undefined);
  await world.settle();
  expect(needsAmong(posted)).toEqual([{ collections: [], channels: ['users/1'], realTime: false }]);
});

it('S41 the leader follows an entity for as long as any tab does', async () => {
  const realTime = createQuietTransport();
  world = createTabWorld();
  const [first, second, third] = [
    await world.open({ realTime }),
    await world.open({ realTime }),
    await world.open({ realTime }),
  ];
  first.sync.enableRealTime();
  const ends = [second, third].map(({ sync }) => sync.realTime.subscribe('users/1', () => undefined));
  await world.settle();
  expect([realTime.open, realTime.channels]).toEqual([1, ['users/1']]);
  ends[0]?.();
  await world.settle();
  expect(realTime.channels).toEqual(['users/1']);
  ends[1]?.();
  await world.settle();
  expect(realTime.channels).toEqual([]);
});
