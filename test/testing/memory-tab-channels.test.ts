import { expect, test } from 'vitest';
import {
  createMemoryTabChannels,
  type MemoryTabChannelsOptions,
} from '../../src/testing/environment/memory-tab-channels.ts';
import { createMemoryTab } from '../../src/testing/environment/memory-tab.ts';
import { createSeededRandom } from '../../src/testing/seeded-random.ts';
import { createVirtualClock } from '../../src/testing/virtual-clock.ts';

function twoTabs(options?: MemoryTabChannelsOptions) {
  const clock = createVirtualClock(0);
  const channels = createMemoryTabChannels(clock, options);
  const [a, b] = [createMemoryTab(), createMemoryTab()];
  const [inA, inB] = [channels.of(a).open('news'), channels.of(b).open('news')];
  const heard: string[] = [];
  inA.messages$.subscribe((message) => heard.push(`${clock.now()} a hears ${String(message)}`));
  inB.messages$.subscribe((message) => heard.push(`${clock.now()} b hears ${String(message)}`));
  return { clock, channels, a, b, inA, inB, heard };
}

test('G18 messages take their time, and none overtakes another', async () => {
  const delaysMs = [50, 10, 70];
  const { clock, inA, inB, heard } = twoTabs({ delayMs: () => delaysMs.shift() ?? 0 });
  inA.post('one');
  inA.post('two');
  inB.post('back');
  await clock.advance(49);
  expect(heard).toEqual([]);
  await clock.advance(60);
  expect(heard).toEqual(['50 b hears one', '50 b hears two', '70 a hears back']);
});

test('G23 the same seed loses and delays the same messages', async () => {
  const run = async (): Promise<string[]> => {
    const random = createSeededRandom(3);
    const { clock, inA, heard } = twoTabs({ delayMs: () => random.int(100), isLost: () => random.chance(0.5) });
    for (let count = 0; count < 20; count += 1) inA.post(count);
    await clock.advance(100);
    return heard;
  };
  const heard = await run();
  expect(heard.length).toBeGreaterThan(4);
  expect(heard.length).toBeLessThan(16);
  expect(await run()).toEqual(heard);
});

test('G18 what is lost is asked for each end, by tab, name and message', async () => {
  const asked: unknown[] = [];
  const world = twoTabs({
    isLost: ({ from, to, name, message }) => {
      asked.push([from === world.a, to === world.b, name, message]);
      return to === world.b;
    },
  });
  world.inA.post('one');
  world.inB.post('two');
  await world.clock.advance(0);
  expect(asked).toEqual([
    [true, true, 'news', 'one'],
    [false, false, 'news', 'two'],
  ]);
  expect(world.heard).toEqual(['0 a hears two']);
});

test('G18 a frozen tab hears in order what was said, when it is thawed', async () => {
  const { clock, b, inA, heard } = twoTabs();
  b.freeze();
  inA.post('one');
  await clock.advance(10);
  inA.post('two');
  await clock.advance(10);
  expect(heard).toEqual([]);
  b.thaw();
  inA.post('three');
  await clock.advance(0);
  expect(heard).toEqual(['20 b hears one', '20 b hears two', '20 b hears three']);
});

test('G18 a tab that is thawed and frozen again by what it hears first hears the rest later', async () => {
  const { clock, b, inA, inB, heard } = twoTabs();
  const stop = inB.messages$.subscribe(() => b.freeze());
  b.freeze();
  inA.post('one');
  inA.post('two');
  await clock.advance(0);
  b.thaw();
  expect(heard).toEqual(['0 b hears one']);
  stop.unsubscribe();
  b.thaw();
  expect(heard).toEqual(['0 b hears one', '0 b hears two']);
});

test('G18 a killed tab hears and says nothing; what it said before arrives', async () => {
  const { clock, channels, a, b, inA, inB, heard } = twoTabs({ delayMs: () => 10 });
  inA.post('last words');
  inB.post('to the dead');
  a.kill();
  inA.post('from beyond');
  channels.of(a).open('news').post('from beyond');
  expect(() => inA.close()).not.toThrow();
  await clock.advance(10);
  b.kill();
  expect(heard).toEqual(['10 b hears last words']);
  expect(clock.pending()).toBe(0);
});

test('G18 what is on its way to an end that closes is not heard', async () => {
  const { clock, inA, inB, heard } = twoTabs();
  inA.post('on its way');
  inB.close();
  await clock.advance(0);
  expect(heard).toEqual([]);
});
