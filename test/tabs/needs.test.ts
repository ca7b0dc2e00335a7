import { Observable } from 'rxjs';
import { afterEach, expect, it } from 'vitest';
import type { RealTimeChannel, RealTimeMessage, RealTimeTransport } from '../../src/index.ts';
import { watch } from '../support/service-world.ts';
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

async function openWithNeeds() {
  const realTime = createQuietTransport();
  world = createTabWorld();
  const first = await world.open({ realTime });
  const second = await world.open({ realTime });
  second.sync.enableRealTime();
  second.sync.realTime.subscribe('users/1', () => undefined);
  await world.settle();
  expect([realTime.open, realTime.channels]).toEqual([1, ['users/1']]);
  return { realTime, first, second };
}

it('G15 what a tab needed ends when its page is left', async () => {
  const { realTime, first, second } = await openWithNeeds();
  second.page$.next('leaving');
  second.life.kill();
  await world.settle();
  expect([realTime.open, first.sync.getSnapshot().realTime]).toEqual([0, 'off']);
});

it('G15 what a tab needed that was killed is given up within minutes', async () => {
  const { realTime, first, second } = await openWithNeeds();
  second.life.kill();
  await world.advance(180_000);
  expect([realTime.open, first.sync.getSnapshot().realTime]).toEqual([0, 'off']);
  const closed = watch(first.sync.signOut());
  await world.settle();
  expect(closed().is).toBe('resolved');
});

it('S41 a tab that was frozen for long, or restored after its page was left, is asked again what it needs', async () => {
  const { realTime, second } = await openWithNeeds();
  second.life.freeze();
  await world.advance(600_000);
  expect(realTime.open).toBe(0);
  second.life.thaw();
  await world.advance(5_000);
  expect([realTime.open, realTime.channels]).toEqual([1, ['users/1']]);
  second.page$.next('leaving');
  await world.settle();
  expect(realTime.open).toBe(0);
  second.page$.next('resumed');
  await world.advance(5_000);
  expect([realTime.open, realTime.channels]).toEqual([1, ['users/1']]);
});
