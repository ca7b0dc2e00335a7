import type { KeyValueStorage } from '../../ports/storage.ts';
import { equalValues } from '../conformance/equal-values.ts';
import { expectEqual, expectThat, show } from '../conformance/expectations.ts';
import type { ConformanceRule } from '../conformance/rule.ts';
import type { StorageBench } from './bench.ts';

const values: readonly unknown[] = [
  'text with \u0000, 👾 and \n',
  '',
  0,
  false,
  { a: 1, nested: { list: [1, 'two', null, { three: true }] } },
  [1, [2, [3]]],
  JSON.parse('{"__proto__":{"polluted":true}}'),
];

/** Rules about what is stored. */
export const valueRules: readonly ConformanceRule<StorageBench>[] = [
  {
    id: 'value-given-back',
    title: 'a value comes back as it was, and setItem resolves with it',
    remedy:
      'Store structured clones, or encode every value of JSON without loss: false, 0 and the empty text are values, not absence.',
    async check({ storage }) {
      for (const value of values) {
        expectEqual(await storage.setItem('key', value), value, 'What setItem resolves with');
        const read = await storage.getItem('key');
        expectThat(equalValues(read, value), `getItem gives ${show(read)} for ${show(value)}.`);
      }
    },
  },
  {
    id: 'bytes-given-back',
    title: 'bytes come back as a Uint8Array, those of a view without the rest of its buffer',
    remedy: 'Store bytes as bytes. Encrypted records are bytes; JSON turns them into an object of numbers.',
    async check({ storage }) {
      const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
      await storage.setItem('all', bytes);
      await storage.setItem('part', bytes.subarray(10, 20));
      expectBytes(await storage.getItem('all'), bytes);
      expectBytes(await storage.getItem('part'), bytes.slice(10, 20));
    },
  },
  {
    id: 'absent-is-null',
    title: 'an absent key is null, and removing it is fine',
    remedy: 'Resolve getItem with null, not undefined, where there is nothing, and let removeItem resolve.',
    async check({ storage }) {
      await storage.removeItem('absent');
      expectEqual(await storage.getItem('absent'), null, 'What getItem gives for an absent key');
      expectEqual(await storage.keys(), [], 'The keys of an empty storage');
    },
  },
  {
    id: 'value-copied',
    title: 'what is stored is not affected by a later change of the value',
    remedy: 'Clone a value as soon as setItem is called, before anything is awaited, and again when it is given out.',
    async check({ storage }) {
      const value = { list: [1] };
      const bytes = Uint8Array.of(1, 2, 3);
      const storing = [storage.setItem('object', value), storage.setItem('bytes', bytes)];
      value.list.push(2);
      bytes[0] = 9;
      await Promise.all(storing);
      value.list.push(3);
      const read = await storage.getItem<{ list: number[] }>('object');
      expectEqual(read, { list: [1] }, 'The stored value, after the caller changed its own,');
      read?.list.push(4);
      expectEqual(
        await storage.getItem('object'),
        { list: [1] },
        'The stored value, after the reader changed its own,',
      );
      expectBytes(await storage.getItem('bytes'), Uint8Array.of(1, 2, 3));
    },
  },
  {
    id: 'value-replaced',
    title: 'a value is replaced whole',
    remedy: 'Let setItem replace the value of a key. Nothing of the old one may be left.',
    async check({ storage }) {
      await storage.setItem('key', { a: 1, b: 2 });
      await storage.setItem('key', { c: 3 });
      expectEqual(await storage.getItem('key'), { c: 3 }, 'The value that replaced another');
      expectEqual(await storage.keys(), ['key'], 'The keys after one was set twice');
    },
  },
  {
    id: 'value-of-a-megabyte',
    title: 'values of a megabyte are stored',
    remedy: 'Do not limit a value below a few megabytes: entities may be one, and several are stored together.',
    async check({ storage }) {
      const text = 'é👾x'.repeat(350_000);
      const bytes = new Uint8Array(1_048_576).fill(7);
      await Promise.all([storage.setItem('text', text), storage.setItem('bytes', bytes)]);
      expectThat((await storage.getItem('text')) === text, 'A text of 1.4 million characters comes back otherwise.');
      expectBytes(await storage.getItem('bytes'), bytes);
    },
  },
  {
    id: 'failure-changes-nothing',
    cites: 'G19',
    title: 'a call that fails rejects, and the old value stays',
    remedy:
      'Reject when a value cannot be stored, such as one that cannot be cloned or that is too large, and leave the old one in place.',
    async check({ storage }) {
      await storage.setItem('key', 'old');
      const end = await settled(storage, 'key', { call: () => undefined });
      expectThat(end === 'rejected', 'setItem resolves for a value with a function in it, which cannot be stored.');
      expectEqual(await storage.getItem('key'), 'old', 'The value after a failing setItem');
    },
  },
];

function settled(storage: KeyValueStorage, key: string, value: unknown): Promise<'resolved' | 'rejected'> {
  return Promise.resolve()
    .then(() => storage.setItem(key, value))
    .then(
      () => 'resolved' as const,
      () => 'rejected' as const,
    );
}

function expectBytes(read: unknown, wanted: Uint8Array): void {
  expectThat(read instanceof Uint8Array, `Bytes come back as ${show(read)}, which is no Uint8Array.`);
  const isSame = read.length === wanted.length && read.every((byte, at) => byte === wanted[at]);
  expectThat(isSame, `${wanted.length} bytes come back as ${read.length} others.`);
}
