import { firstValueFrom, lastValueFrom, take, toArray } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TabChannel } from '../../src/ports/environment.ts';
import type { MortalTab, OpenTab, TabOrigin } from './tab-origin.ts';

function hear(channel: TabChannel): unknown[] {
  const heard: unknown[] = [];
  channel.messages$.subscribe((message) => heard.push(message));
  return heard;
}

const next = (channel: TabChannel, count = 1): Promise<unknown[]> =>
  firstValueFrom(channel.messages$.pipe(take(count), toArray()));

/** The contract of {@link TabChannelPort}, as tests. `makeOrigin` gives an origin in which no channel is open. */
export function describeTabChannels(name: string, makeOrigin: () => TabOrigin | Promise<TabOrigin>): void {
  describe(`tab channel contract: ${name}`, () => {
    let origin: TabOrigin;
    let here: OpenTab;
    let there: OpenTab;
    beforeEach(async () => {
      origin = await makeOrigin();
      [here, there] = [await origin.open(), await origin.open()];
    });
    afterEach(() => origin.end());

    test('G18 every other end hears what is posted, in order, and none itself', async () => {
      const a = await here.openChannel('news');
      const others = [await here.openChannel('news'), await there.openChannel('news'), await there.openChannel('news')];
      const messages = [{ text: 'one', list: [1, null, { deep: true }] }, null, 'three', 0, false, ''];
      const heardByA = hear(a);
      const heard = Promise.all(others.map((other) => next(other, messages.length)));
      for (const message of messages) a.post(message);
      expect(await heard).toEqual(others.map(() => messages));
      const answer = next(a);
      others[2]?.post('back');
      await answer;
      expect(heardByA).toEqual(['back']);
    });

    test('G18 a channel carries its own name only', async () => {
      const [a, b, other] = [
        await here.openChannel('news'),
        await there.openChannel('news'),
        await there.openChannel('news/other'),
      ];
      const heardByOther = hear(other);
      const heardByB = next(b, 2);
      a.post(1);
      a.post(2);
      expect(await heardByB).toEqual([1, 2]);
      expect(heardByOther).toEqual([]);
    });

    test('G18 a message is what it was when it was posted, and arrives after the caller has finished', async () => {
      const [a, b, near] = [
        await here.openChannel('news'),
        await there.openChannel('news'),
        await here.openChannel('news'),
      ];
      const [arrived, heardNear, message] = [Promise.all([next(b), next(near)]), hear(near), { list: [1] }];
      a.post(message);
      message.list.push(2);
      expect(heardNear).toEqual([]);
      expect(await arrived).toEqual([[{ list: [1] }], [{ list: [1] }]]);
    });

    test('G18 the same message twice is two messages', async () => {
      const [a, b] = [await here.openChannel('news'), await there.openChannel('news')];
      const heard = next(b, 3);
      for (let time = 0; time < 3; time += 1) a.post({ poke: true });
      expect(await heard).toEqual([{ poke: true }, { poke: true }, { poke: true }]);
    });

    test('G18 a message that arrives while nobody listens is gone; those who listen all hear it', async () => {
      const [a, b] = [await here.openChannel('news'), await there.openChannel('news')];
      const witness = await there.openChannel('news');
      const seen = next(witness);
      a.post('early');
      await seen;
      const heard = Promise.all([next(b), next(b)]);
      a.post('late');
      expect(await heard).toEqual([['late'], ['late']]);
    });

    test('G18 a closed channel ends, says nothing and hears nothing; closing it again is fine', async () => {
      const [a, b, c] = [
        await here.openChannel('news'),
        await there.openChannel('news'),
        await there.openChannel('news'),
      ];
      const heardByA = hear(a);
      const ended = lastValueFrom(a.messages$, { defaultValue: 'nothing' });
      const heardByC = next(c, 2);
      a.close();
      a.close();
      a.post('after the end');
      expect(await ended).toBe('nothing');
      expect(await lastValueFrom(a.messages$, { defaultValue: 'nothing' })).toBe('nothing');
      b.post('to the closed');
      b.post('last');
      expect(await heardByC).toEqual(['to the closed', 'last']);
      expect(heardByA).toEqual([]);
    });
  });
}

/** What becomes of the channels of a tab that is gone, as tests. */
export function describeChannelsOfLostTabs(name: string, makeOrigin: () => Promise<TabOrigin<MortalTab>>): void {
  describe(`channels of lost tabs: ${name}`, () => {
    test.each(['closed', 'crashed'] as const)('G18 the others go on without a tab that is %s', async (how) => {
      const origin = await makeOrigin();
      try {
        const [lost, here, there] = [await origin.open(), await origin.open(), await origin.open()];
        const gone = await lost.openChannel('news');
        const [a, b] = [await here.openChannel('news'), await there.openChannel('news')];
        const first = next(b);
        gone.post('from the lost');
        expect(await first).toEqual(['from the lost']);
        await lost.lose(how);
        const second = next(b);
        a.post('go on');
        expect(await second).toEqual(['go on']);
      } finally {
        await origin.end();
      }
    });
  });
}
