import { describe, it } from 'vitest';
import { createLocalForageStorage } from '../../src/adapters/storage/localforage-storage.ts';
import { runStorageConformance } from '../../src/testing.ts';

const runner = { describe, it };
let places = 0;

runStorageConformance(
  () => {
    places += 1;
    const name = `contract-${places}`;
    return { open: () => createLocalForageStorage({ name }) };
  },
  { name: 'localforage on IndexedDB', runner },
);

runStorageConformance(
  () => {
    places += 1;
    const name = `fallback-${places}`;
    return { open: () => createLocalForageStorage({ name, driver: 'localStorage' }) };
  },
  { name: 'localforage on localStorage, the fallback', runner },
);
