import type { ApiClient, SyncOptions } from '../../src/index.ts';
import { collection, makeItem } from './entities.ts';
import { timed } from './measure.ts';
import { openInBrowser, quiet, seed, type Service } from './services.ts';

/** Durable operations, and then the time until the backend has acknowledged all of them, in milliseconds. */
export async function drainOurs(
  url: string,
  prepare: (service: Service) => Promise<void>,
  apiClient?: ApiClient,
  options?: SyncOptions,
): Promise<number> {
  const { service, remove } = await openInBrowser(url, options, apiClient);
  service.pause();
  await service.pull().catch(() => undefined);
  await prepare(service);
  await quiet(100);
  const ms = await timed(async () => {
    service.resume();
    await service.whenSynced();
  });
  await remove();
  return ms;
}

/** One create for each of so many entities. */
export function creates(entities: number): (service: Service) => Promise<void> {
  return async (service) => {
    const items = service.collection(collection);
    const writes = [];
    for (let index = 0; index < entities; index += 1) writes.push(items.put(makeItem(index)).durable);
    await Promise.all(writes);
  };
}

/** So many updates for each of so many entities that the backend has. */
export function updates(entities: number, each: number): (service: Service) => Promise<void> {
  return async (service) => {
    await seed(service, entities);
    const items = service.collection(collection);
    const writes = [];
    for (let round = 1; round <= each; round += 1) {
      for (let index = 0; index < entities; index += 1) {
        writes.push(items.patch(makeItem(index).id, { priority: 100 + round }).durable);
      }
    }
    await Promise.all(writes);
  };
}
