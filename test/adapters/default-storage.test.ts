import { afterEach, expect, test, vi } from 'vitest';
import { createDefaultStorage } from '../../src/adapters/storage/default-storage.ts';
import { createLocalForageStorage } from '../../src/adapters/storage/localforage-storage.ts';
import { createMemoryStorage, isVolatile } from '../../src/adapters/storage/memory-storage.ts';
import { requestPersistence } from '../../src/adapters/storage/persistence.ts';
import { createFileStorage } from '../../src/node/file-storage.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

test('S33 outside of browsers the default is volatile memory', () => {
  const storage = createDefaultStorage('default');
  expect([storage.driver, isVolatile(storage)]).toEqual(['memory', true]);
});

test('S33 outside of browsers nobody is asked for persistence', async () => {
  expect(await requestPersistence()).toBe(false);
});

test('S33 a browser that refuses to answer counts as not persisting', async () => {
  vi.stubGlobal('navigator', { storage: { persist: () => Promise.reject(new TypeError('no')) } });
  expect(await requestPersistence()).toBe(false);
});

test('S33 only the memory storage is volatile', () => {
  const foreign = { ...createMemoryStorage(), driver: () => 'asyncStorage' };
  const storages = [
    createMemoryStorage(),
    createFileStorage('unused'),
    createLocalForageStorage({ name: 'a' }),
    foreign,
  ];
  expect(storages.map(isVolatile)).toEqual([true, false, false, false]);
});

test('S44 browser storage made on a server rejects when it is used, not before', async () => {
  await expect(createLocalForageStorage({ name: 'server' }).keys()).rejects.toThrow(
    'No available storage method found.',
  );
});

test('S33 storage that may not even be looked at counts as none', () => {
  const forbidden = {
    get() {
      throw new DOMException('denied', 'SecurityError');
    },
    configurable: true,
  };
  Object.defineProperties(globalThis, {
    indexedDB: forbidden,
    localStorage: forbidden,
    document: { value: {}, configurable: true },
  });
  try {
    expect(createDefaultStorage('denied').driver).toBe('memory');
  } finally {
    for (const name of ['indexedDB', 'localStorage', 'document']) Reflect.deleteProperty(globalThis, name);
  }
});
