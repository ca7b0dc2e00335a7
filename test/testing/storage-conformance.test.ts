import { describe, expect, test } from 'vitest';
import { createMemoryStorage } from '../../src/adapters/storage/memory-storage.ts';
import type { KeyValueStorage } from '../../src/ports/storage.ts';
import { createPlannedStorage } from '../../src/testing/planned-storage.ts';
import { createStorageBench } from '../../src/testing/storage/bench.ts';
import { storageRules } from '../../src/testing/storage/conformance.ts';
import { settle } from '../../src/testing/virtual-clock.ts';
import { judge } from './broken-rules.ts';

type Storage = Omit<KeyValueStorage, 'getItem' | 'setItem'> & {
  getItem(key: string): Promise<unknown>;
  setItem(key: string, value: unknown): Promise<unknown>;
};

interface PlantedFault {
  readonly fault: string;
  readonly rules: readonly string[];
  readonly plant: (good: Storage, items: Map<string, unknown>) => Partial<Storage>;
}

const plantedFaults: readonly PlantedFault[] = [
  {
    fault: 'what is falsy counts as absent',
    rules: ['value-given-back'],
    plant: (good) => ({ getItem: async (key) => (await good.getItem(key)) || null }),
  },
  {
    fault: 'values pass through JSON',
    rules: ['bytes-given-back', 'failure-changes-nothing'],
    plant: (good) => ({
      async setItem(key, value) {
        await good.setItem(key, JSON.parse(JSON.stringify(value)));
        return value;
      },
    }),
  },
  {
    fault: 'an absent key is undefined',
    rules: ['absent-is-null', 'removed-is-absent'],
    plant: (good) => ({ getItem: async (key) => (await good.getItem(key)) ?? undefined }),
  },
  {
    fault: 'values are kept as they were handed over',
    rules: ['value-copied', 'failure-changes-nothing'],
    plant: (_, items) => ({
      getItem: async (key) => items.get(key) ?? null,
      async setItem(key, value) {
        items.set(key, value);
        return value;
      },
    }),
  },
  {
    fault: 'a value is cloned only after a turn',
    rules: ['value-copied'],
    plant: (good) => ({
      async setItem(key, value) {
        await null;
        return good.setItem(key, value);
      },
    }),
  },
  {
    fault: 'objects are merged',
    rules: ['value-replaced'],
    plant: (good, items) => ({
      async setItem(key, value) {
        const old = items.get(key);
        const isPair = [old, value].every((each) => Object.prototype.toString.call(each) === '[object Object]');
        const isPlain = isPair && !Object.hasOwn(value as object, '__proto__');
        await good.setItem(key, isPlain ? Object.assign({}, old, value) : value);
        return value;
      },
    }),
  },
  {
    fault: 'large values are cut off',
    rules: ['value-of-a-megabyte'],
    plant: (good) => ({
      async setItem(key, value) {
        await good.setItem(key, typeof value === 'string' ? value.slice(0, 100_000) : value);
        return value;
      },
    }),
  },
  {
    fault: 'keys do not tell upper from lower case, as file names',
    rules: ['keys-told-apart'],
    plant: (good) => ({
      getItem: (key) => good.getItem(key.toLowerCase()),
      setItem: (key, value) => good.setItem(key.toLowerCase(), value),
      removeItem: (key) => good.removeItem(key.toLowerCase()),
    }),
  },
  {
    fault: 'removing a key removes those that begin with it',
    rules: ['removed-is-absent'],
    plant: (_, items) => ({
      async removeItem(key) {
        for (const each of items.keys()) if (each.startsWith(key)) items.delete(each);
      },
    }),
  },
  {
    fault: 'a removal overtakes writes that were asked for before it',
    rules: ['calls-in-order'],
    plant: (good) => ({
      async setItem(key, value) {
        const copy: unknown = structuredClone(value);
        await settle();
        await good.setItem(key, copy);
        return value;
      },
    }),
  },
  {
    fault: 'keys are listed before the value is stored',
    rules: ['lists-after-storing'],
    plant: (good, items) => ({
      async setAndList(key, value, prefix) {
        const list = [...items.keys()].filter((each) => each.startsWith(prefix));
        await good.setItem(key, value);
        return list;
      },
    }),
  },
  {
    fault: 'clear takes a while, and what is stored meanwhile goes too',
    rules: ['clear-empties'],
    plant: (good) => ({
      async clear() {
        await settle();
        await good.clear();
      },
    }),
  },
  {
    fault: 'nothing is written before the storage is closed',
    rules: ['kept-when-opened-again'],
    plant: () => createMemoryStorage(),
  },
  {
    fault: 'reopen begins anew',
    rules: ['reopen-loses-nothing'],
    plant: (good) => ({ reopen: () => good.clear() }),
  },
  {
    fault: 'a failing write removes the old value',
    rules: ['failure-changes-nothing'],
    plant: (good, items) => ({
      async setItem(key, value) {
        items.delete(key);
        return good.setItem(key, value);
      },
    }),
  },
];

const listing = (items: Map<string, unknown>) => async (key: string, value: unknown, prefix: string) => {
  items.set(key, structuredClone(value));
  return [...items.keys()].filter((each) => each.startsWith(prefix));
};

const openWith =
  (plant: PlantedFault['plant'], keeps = true, timeoutMs = 10_000) =>
  async () => {
    const items = new Map<string, unknown>();
    const open = (): KeyValueStorage => {
      const good = { ...createPlannedStorage(items), setAndList: listing(items) };
      return { ...good, ...plant(good, items) } as KeyValueStorage;
    };
    return { bench: await createStorageBench({ open }, { keeps, timeoutMs }), close: async () => undefined };
  };

describe('rules for a storage', () => {
  test('G24 a good storage breaks none', async () => {
    const { broken, skipped } = await judge(
      storageRules,
      openWith(() => ({})),
    );
    expect({ broken, skipped }).toEqual({ broken: [], skipped: [] });
  });

  test.each(plantedFaults)('G24 are broken where $fault', async ({ rules, plant }) => {
    expect((await judge(storageRules, openWith(plant))).broken).toEqual(expect.arrayContaining([...rules]));
  });

  test('G24 each is broken by a planted fault', () => {
    const caught = new Set(plantedFaults.flatMap(({ rules }) => rules));
    expect([...caught].toSorted()).toEqual(storageRules.map(({ id }) => id).toSorted());
  });

  test('G24 a storage that never answers is told, and one that keeps nothing may say so', async () => {
    const silent = openWith(() => ({ keys: () => new Promise(() => undefined) }), true, 500);
    const { messages } = await judge(storageRules, silent);
    expect(messages.get('clear-empties')).toContain('Seen: keys() did not settle within 500 ms.');
    const volatile = openWith(() => createMemoryStorage(), false);
    expect((await judge(storageRules, volatile)).skipped).toEqual(['kept-when-opened-again']);
  });
});
