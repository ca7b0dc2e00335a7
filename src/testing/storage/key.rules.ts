import { expectEqual, expectThat, show } from '../conformance/expectations.ts';
import type { ConformanceRule } from '../conformance/rule.ts';
import type { StorageBench } from './bench.ts';

const oddKeys = [
  'plain',
  'UPPER',
  'upper',
  'with/slash/../and/./dots',
  '..',
  '.',
  'per%cent%20',
  'space and + plus',
  'emoji 👩‍🚀 ü ñ 漢字',
  '__proto__',
  'constructor',
  'toString',
  'nul\u0000byte',
  'con',
  'x'.repeat(300),
  `${'x'.repeat(299)}y`,
  '👾'.repeat(150),
];

/** Rules about keys, order and what outlasts a connection. */
export const keyRules: readonly ConformanceRule<StorageBench>[] = [
  {
    id: 'keys-told-apart',
    title: 'keys are told apart, whatever they consist of',
    remedy:
      'Encode keys where the place below has rules of its own: file names ignore case or are short, objects have a __proto__.',
    async check({ storage }) {
      await Promise.all(oddKeys.map((key) => storage.setItem(key, `value of ${key}`)));
      expectEqual((await storage.keys()).toSorted(), oddKeys.toSorted(), 'The list of keys');
      for (const key of oddKeys)
        expectEqual(await storage.getItem(key), `value of ${key}`, `The value of ${show(key)}`);
      for (const key of oddKeys) await storage.removeItem(key);
      expectEqual(await storage.keys(), [], 'The list of keys after all were removed');
    },
  },
  {
    id: 'removed-is-absent',
    title: 'a removed key is absent, the others stay',
    remedy: 'Let removeItem take away exactly the key that it was given.',
    async check({ storage }) {
      await storage.setItem('gone', 1);
      await storage.setItem('gone/not', 2);
      await storage.removeItem('gone');
      expectEqual(await storage.getItem('gone'), null, 'The value of a removed key');
      expectEqual(await storage.keys(), ['gone/not'], 'The keys after one was removed');
    },
  },
  {
    id: 'calls-in-order',
    cites: 'S28',
    title: 'of calls for one key the last one wins, of different keys all take effect',
    remedy: 'Let calls for one key take effect in the order in which they were made, also when nobody waits for them.',
    async check({ storage }) {
      const writes = Array.from({ length: 50 }, (_, index) => [
        storage.setItem('one', index),
        storage.setItem(`many-${index}`, index),
      ]);
      const removed = storage.removeItem('many-0');
      const last = storage.setItem('one', 'last');
      await Promise.all([...writes.flat(), removed, last]);
      expectEqual(await storage.getItem('one'), 'last', 'The value after 51 writes of one key');
      expectEqual(await storage.getItem('many-0'), null, 'The value of a key that was set and then removed');
      const count = (await storage.keys()).length;
      expectThat(count === 50, `Of 50 keys there are ${count}.`);
    },
  },
  {
    id: 'lists-after-storing',
    cites: 'S30',
    title: 'setAndList stores a value, and gives the keys with the prefix as they are after that',
    remedy: 'List no earlier than the value is stored, and only keys that begin with the prefix.',
    skips: ({ storage }) =>
      storage.setAndList ? null : 'the storage has no `setAndList`; tabs that share it list all keys with every write.',
    async check({ storage }) {
      await Promise.all(
        ['claim/1', 'claim/2', 'claim', 'claims', 'other/claim/3'].map((key) => storage.setItem(key, 1)),
      );
      const removed = storage.removeItem('claim/2');
      const list = await storage.setAndList?.('claim/4', { text: 'value' }, 'claim/');
      await removed;
      expectThat(list?.includes('claim/1') === true, 'A key that was there is missing from the list.');
      expectThat(list.includes('claim/4'), 'The key that was stored is missing from the list.');
      const strays = list.filter((key) => !['claim/1', 'claim/2', 'claim/4'].includes(key));
      expectEqual(strays, [], 'What the list has besides');
      expectEqual(await storage.getItem('claim/4'), { text: 'value' }, 'The value that was stored');
    },
  },
  {
    id: 'clear-empties',
    title: 'clear empties the storage, and what is stored afterwards stays',
    remedy: 'Let clear wait for earlier calls, and later calls for clear.',
    async check({ storage }) {
      await Promise.all(['a', 'b', 'c'].map((key) => storage.setItem(key, key)));
      const clearing = storage.clear();
      const after = storage.setItem('after', 1);
      await Promise.all([clearing, after]);
      expectEqual(await storage.keys(), ['after'], 'The keys after clear and one more setItem');
    },
  },
  {
    id: 'kept-when-opened-again',
    cites: 'G1',
    title: 'opened again it has what was stored',
    remedy:
      'Resolve setItem only when the value is where a crash of the process does not reach it. This rule opens the place again in the same process: whether a kill loses anything has to be tried with one.',
    skips: ({ keeps }) =>
      keeps
        ? null
        : '`keeps` is false: the storage keeps nothing, and a service on it says durable only for as long as it lives.',
    async check({ openAgain, storage }) {
      await storage.setItem('kept', { text: 'value' });
      await storage.setItem('removed', 1);
      await storage.removeItem('removed');
      const again = await openAgain();
      expectEqual(await again.keys(), ['kept'], 'The keys after the place was opened again');
      expectEqual(await again.getItem('kept'), { text: 'value' }, 'The value after the place was opened again');
    },
  },
  {
    id: 'reopen-loses-nothing',
    cites: 'S33',
    title: 'reopen loses nothing, also while calls are under way',
    remedy: 'Let reopen make a fresh connection to the same data, and let calls that are made meanwhile wait for it.',
    skips: ({ storage }) =>
      storage.reopen ? null : 'the storage has no `reopen`; a lost connection is not made anew.',
    async check({ storage }) {
      const before = storage.setItem('before', 1);
      await storage.reopen?.();
      const meanwhile = storage.reopen?.();
      const after = storage.setItem('after', 2);
      await Promise.all([before, meanwhile, after]);
      expectEqual(await storage.getItem('before'), 1, 'The value that was set before reopen');
      expectEqual(await storage.getItem('after'), 2, 'The value that was set during reopen');
    },
  },
];
