import { expect, test } from 'vitest';
import { UnavailableError } from '../../src/index.ts';
import { createFakeBackend } from '../support/fake-backend.ts';
import { createServiceWorld } from '../support/service-world.ts';
import { createVirtualClock } from '../../src/testing/virtual-clock.ts';
import { createTokenSearch } from './token-search.ts';

const found = 'not to match /canary-/';

test('G16 the search that ends each test here finds a token in the cause of what a client throws', async () => {
  const search = createTokenSearch();
  const { apiClient, once } = createFakeBackend(createVirtualClock());
  once('get', () => {
    throw new UnavailableError({ message: 'no', cause: new Error('Bearer canary-88') });
  });
  const watched = search.watchClient(apiClient);
  await watched
    .get('tasks', '1', { idempotencyKey: 'k', clientId: 'c', signal: new AbortController().signal } as never)
    .catch(() => undefined);
  expect(() => search.expectNone([])).toThrow(found);
});

test('G16 … in the console, in what is stored, and in an operation', async () => {
  const logged = createTokenSearch();
  console.debug('canary-88');
  expect(() => logged.expectNone([])).toThrow(found);
  const stored = createTokenSearch();
  expect(() =>
    stored.expectNone([
      new Map([
        ['key', 2],
        ['canary-88', 1],
      ]),
    ]),
  ).toThrow(found);
  const world = createServiceWorld({ onLine: false });
  const sync = await world.open();
  const queued = createTokenSearch();
  queued.watchService(sync);
  sync.collection('tasks').put({ id: 'canary-88' });
  expect(() => queued.expectNone([])).toThrow(found);
  await world.closeAll();
});
