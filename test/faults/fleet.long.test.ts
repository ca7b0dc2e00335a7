import { Observable, Subject } from 'rxjs';
import { afterEach, expect, test } from 'vitest';
import { createSyncService, UnavailableError, type ApiClient, type ISyncService } from '../../src/index.ts';
import { createMemoryBackend } from '../../src/testing/backend/memory-backend.ts';
import { createTestEnvironment } from '../../src/testing/environment/test-environment.ts';
import { createVirtualClock } from '../../src/testing/virtual-clock.ts';

const clients = 1_000;
const outageMs = 60_000;
const watchedMs = 60_000;

const clock = createVirtualClock();
const services: ISyncService[] = [];
afterEach(async () => {
  const closed = Promise.all(services.splice(0).map((sync) => sync.close()));
  await clock.advance(60_000);
  await closed;
});

/** A backend that a whole fleet uses, and that is gone at times. */
function createSharedBackend() {
  const down$ = new Subject<void>();
  let isDown = false;

  function clientOf(arrived: () => void): ApiClient {
    const { apiClient } = createMemoryBackend({ now: clock.now, realTime: false });
    const guarded = <A extends readonly unknown[], R>(call: (...given: A) => Promise<R>) => {
      return (...given: A): Promise<R> => {
        arrived();
        return isDown ? Promise.reject(new UnavailableError()) : call(...given);
      };
    };
    const { get, create, update, delete: remove, changes, probe, capabilities } = apiClient;
    return {
      get: guarded(get),
      create: guarded(create),
      update: guarded(update),
      delete: guarded(remove),
      changes: guarded(changes!),
      probe: guarded(probe!),
      capabilities: capabilities!,
      realTime: {
        connect: () =>
          new Observable((subscriber) => {
            arrived();
            if (isDown) return subscriber.error(new UnavailableError());
            subscriber.next({ type: 'open' });
            return down$.subscribe(() => subscriber.error(new UnavailableError()));
          }),
      },
    };
  }

  return {
    clientOf,
    setDown(is: boolean) {
      isDown = is;
      if (is) down$.next();
    },
  };
}

test(`G13 ${clients} clients come back after an outage of ${outageMs / 1_000} s one after the other`, async () => {
  const backend = createSharedBackend();
  const arrivals: { client: number; at: number }[] = [];
  for (let client = 0; client < clients; client += 1) {
    const { environment } = createTestEnvironment({ clock, seed: client + 1 });
    const apiClient = backend.clientOf(() => arrivals.push({ client, at: clock.now() }));
    services.push(createSyncService(apiClient, { environment, collections: { tasks: {} } }));
  }
  for (const sync of services) sync.enableRealTime();
  await clock.advance(5_000);
  expect(services.filter((sync) => sync.getSnapshot().realTime === 'live').length).toBe(clients);

  backend.setDown(true);
  for (const sync of services) sync.collection('tasks').put({ id: '1', title: 'written while it was gone' });
  await clock.advance(outageMs);
  expect(services.filter((sync) => sync.queue.size === 1).length).toBe(clients);
  const duringOutage = arrivals.length;

  backend.setDown(false);
  const backAt = clock.now();
  await clock.advance(watchedMs + 15_000);
  expect(services.filter((sync) => sync.queue.size > 0).length).toBe(0);

  const first = new Map<number, number>();
  for (const { client, at } of arrivals.slice(duringOutage)) if (!first.has(client)) first.set(client, at - backAt);
  const perSecond = Array.from({ length: watchedMs / 1_000 }, () => 0);
  for (const at of first.values()) perSecond[Math.floor(at / 1_000)]! += 1;
  const mean = clients / perSecond.length;
  const peak = Math.max(...perSecond);
  console.log(`peak second ${peak} clients, mean ${mean.toFixed(1)}: ${(peak / mean).toFixed(2)} times the mean`);
  expect(first.size).toBe(clients);
  expect(peak).toBeLessThan(3 * mean);
  expect(perSecond.filter((count) => count > 0).length).toBeGreaterThan(40);
});
