import { createLocalForageStorage } from '../../src/adapters/storage/localforage-storage.ts';
import { describeStorage } from './storage.contract.ts';

let places = 0;
describeStorage(
  'localforage on IndexedDB',
  () => {
    places += 1;
    const name = `contract-${places}`;
    return { open: () => createLocalForageStorage({ name }) };
  },
  { keeps: true },
);

describeStorage(
  'localforage on localStorage, the fallback',
  () => {
    places += 1;
    const name = `fallback-${places}`;
    return { open: () => createLocalForageStorage({ name, driver: 'localStorage' }) };
  },
  { keeps: true },
);
