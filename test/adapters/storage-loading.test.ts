import { afterEach, expect, test, vi } from 'vitest';
import { createLocalForageStorage } from '../../src/adapters/storage/localforage-storage.ts';
import { createMemoryStorage } from '../../src/adapters/storage/memory-storage.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.doUnmock('localforage');
});

const pausesMs: readonly number[] = [250, 1_000];

/** The package fails to load so many times, and from then on is a memory. Pauses pass at once; `fetch` goes on measuring time by the same timers. */
function failToLoad(times: number) {
  const seen = { attempts: 0, pauses: [] as number[] };
  const { setTimeout: platformTimer } = globalThis;
  vi.stubGlobal('setTimeout', (run: () => void, ms: number) => {
    if (!pausesMs.includes(ms)) return platformTimer(run, ms);
    seen.pauses.push(ms);
    return setImmediate(run);
  });
  vi.doMock('localforage', () => {
    seen.attempts += 1;
    if (seen.attempts <= times) throw new TypeError('Failed to fetch dynamically imported module');
    return { default: { createInstance: createMemoryStorage } };
  });
  return seen;
}

test('the code of the storage is loaded again when the network fails it for a moment', async () => {
  const seen = failToLoad(2);
  const storage = createLocalForageStorage({ name: 'a', driver: 'indexedDB' });
  await storage.setItem('key', 'kept');
  expect([await storage.getItem('key'), seen]).toEqual(['kept', { attempts: 3, pauses: pausesMs }]);
});

test('a storage whose code cannot be loaded rejects, and loads it with the next call', async () => {
  const seen = failToLoad(3);
  const storage = createLocalForageStorage({ name: 'a', driver: 'indexedDB' });
  await expect(storage.keys()).rejects.toThrow();
  expect([await storage.keys(), seen]).toEqual([[], { attempts: 4, pauses: pausesMs }]);
});
