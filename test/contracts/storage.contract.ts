import { beforeEach, describe, expect, test } from 'vitest';
import type { KeyValueStorage } from '../../src/ports/storage.ts';

/** One place that storages are opened on. */
export interface StoragePlace {
  /** Opens the place; again, when it was opened before: with what was stored then, where the storage keeps anything. */
  open(): KeyValueStorage | Promise<KeyValueStorage>;
}

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

const values: Record<string, unknown> = {
  string: 'text with \u0000, 👾 and \n',
  'empty string': '',
  zero: 0,
  false: false,
  object: { a: 1, nested: { list: [1, 'two', null, { three: true }] } },
  array: [1, [2, [3]]],
  'own __proto__': JSON.parse('{"__proto__":{"polluted":true}}'),
};

/**
 * The contract of {@link KeyValueStorage}, as tests.
 *
 * @param makePlace gives an empty place that no other test uses.
 * @param keeps whether a storage opened anew finds what an earlier one stored.
 */
export function describeStorage(
  name: string,
  makePlace: () => StoragePlace | Promise<StoragePlace>,
  { keeps }: { keeps: boolean },
): void {
  describe(`storage contract: ${name}`, () => {
    let place: StoragePlace;
    let storage: KeyValueStorage;
    beforeEach(async () => {
      place = await makePlace();
      storage = await place.open();
    });

    test('an absent key is null, and removing it is fine', async () => {
      await storage.removeItem('absent');
      expect(await storage.getItem('absent')).toBeNull();
      expect(await storage.keys()).toEqual([]);
    });

    test.each(Object.entries(values))('gives back what it got: %s', async (_, value) => {
      expect(await storage.setItem('key', value)).toBe(value);
      expect(await storage.getItem('key')).toStrictEqual(value);
    });

    test('gives back bytes as bytes', async () => {
      const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
      await storage.setItem('key', bytes);
      await storage.setItem('part', bytes.subarray(10, 20));
      expect([...((await storage.getItem<Uint8Array>('key')) ?? [])]).toEqual([...bytes]);
      expect([...((await storage.getItem<Uint8Array>('part')) ?? [])]).toEqual([...bytes.subarray(10, 20)]);
      expect(await storage.getItem('key')).toBeInstanceOf(Uint8Array);
    });

    test('what is stored is not affected by a later change of the value', async () => {
      const value = { list: [1] };
      const bytes = Uint8Array.of(1, 2, 3);
      const storing = [storage.setItem('object', value), storage.setItem('bytes', bytes)];
      value.list.push(2);
      bytes[0] = 9;
      await Promise.all(storing);
      value.list.push(3);
      const got = await storage.getItem<{ list: number[] }>('object');
      expect(got).toEqual({ list: [1] });
      got?.list.push(4);
      expect(await storage.getItem('object')).toEqual({ list: [1] });
      expect([...((await storage.getItem<Uint8Array>('bytes')) ?? [])]).toEqual([1, 2, 3]);
    });

    test('a value is replaced whole', async () => {
      await storage.setItem('key', { a: 1, b: 2 });
      await storage.setItem('key', { c: 3 });
      expect(await storage.getItem('key')).toEqual({ c: 3 });
      expect(await storage.keys()).toEqual(['key']);
    });

    test('keys are told apart, whatever they consist of', async () => {
      await Promise.all(oddKeys.map((key) => storage.setItem(key, `value of ${key}`)));
      expect((await storage.keys()).toSorted()).toEqual(oddKeys.toSorted());
      for (const key of oddKeys) expect(await storage.getItem(key)).toBe(`value of ${key}`);
      for (const key of oddKeys) await storage.removeItem(key);
      expect(await storage.keys()).toEqual([]);
    });

    test('a removed key is absent', async () => {
      await storage.setItem('gone', 1);
      await storage.setItem('stays', 2);
      await storage.removeItem('gone');
      expect(await storage.getItem('gone')).toBeNull();
      expect(await storage.keys()).toEqual(['stays']);
    });

    test('values of a megabyte', async () => {
      const text = 'é👾x'.repeat(350_000);
      const bytes = new Uint8Array(1_048_576).fill(7);
      await Promise.all([storage.setItem('text', text), storage.setItem('bytes', bytes)]);
      expect((await storage.getItem<string>('text')) === text).toBe(true);
      const got = await storage.getItem<Uint8Array>('bytes');
      expect([got?.length, got?.[0], got?.at(-1)]).toEqual([1_048_576, 7, 7]);
    });

    test('of concurrent calls for one key the last one wins, of different keys all', async () => {
      const writes = Array.from({ length: 50 }, (_, index) => [
        storage.setItem('one', index),
        storage.setItem(`many-${index}`, index),
      ]);
      const removed = storage.removeItem('many-0');
      const last = storage.setItem('one', 'last');
      await Promise.all([...writes.flat(), removed, last]);
      expect(await storage.getItem('one')).toBe('last');
      expect(await storage.getItem('many-0')).toBeNull();
      expect(await storage.keys()).toHaveLength(50);
    });

    test('clear empties it, and it goes on', async () => {
      await Promise.all(['a', 'b', 'c'].map((key) => storage.setItem(key, key)));
      const clearing = storage.clear();
      const after = storage.setItem('after', 1);
      await Promise.all([clearing, after]);
      expect(await storage.keys()).toEqual(['after']);
    });

    test('a value that cannot be cloned is refused, and the old one stays', async () => {
      await storage.setItem('key', 'old');
      await expect(storage.setItem('key', { call: () => undefined })).rejects.toThrow();
      expect(await storage.getItem('key')).toBe('old');
    });

    test(keeps ? 'opened anew it has what was stored' : 'opened anew it is empty', async () => {
      await storage.setItem('kept', { text: 'value' });
      await storage.setItem('removed', 1);
      await storage.removeItem('removed');
      const again = await place.open();
      expect(await again.keys()).toEqual(keeps ? ['kept'] : []);
      expect(await again.getItem('kept')).toEqual(keeps ? { text: 'value' } : null);
    });

    test('reopen loses nothing, also while calls are under way', async () => {
      const before = storage.setItem('before', 1);
      await storage.reopen?.();
      const meanwhile = storage.reopen?.();
      const after = storage.setItem('after', 2);
      await Promise.all([before, meanwhile, after]);
      expect(await storage.getItem('before')).toBe(1);
      expect(await storage.getItem('after')).toBe(2);
    });
  });
}
