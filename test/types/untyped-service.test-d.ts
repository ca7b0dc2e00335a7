import { createSyncService, type ApiClient } from '../../src/index.ts';
import { user, type User } from './app.ts';

declare const apiClient: ApiClient;
declare function showOfflineIndicator(): void;
declare function updateUserUI(user: User): void;
declare function updateOrRemove(user: User | null): void;

export async function asTheSpecificationHasIt(): Promise<User> {
  const syncService = createSyncService(apiClient);
  const updatedUser = await syncService.syncEntity('users', user);
  if (!syncService.isOnline()) showOfflineIndicator();
  syncService.enableRealTime();
  const unsubscribe = syncService.realTime.subscribe('users', (updatedUser) => updateUserUI(updatedUser));
  unsubscribe();
  return updatedUser;
}

export async function theSameTyped(): Promise<User> {
  const syncService = createSyncService<{ users: User }>(apiClient);
  const { realTime: realTimeSync } = syncService;
  const updatedUser = await syncService.syncEntity('users', user);
  if (!syncService.isOnline()) showOfflineIndicator();
  syncService.enableRealTime();
  const unsubscribe = realTimeSync.subscribe('users', (updatedUser) => updateOrRemove(updatedUser));
  unsubscribe();
  return updatedUser;
}

export async function anyCollection(): Promise<void> {
  const sync = createSyncService(apiClient);
  const things = sync.collection('things');
  things.put({ id: '1', anything: { goes: [1, 'a', null] } });
  things.put(user);
  things.patch('1', { anything: undefined });
  things.query({ where: (thing) => thing.anything > 1, orderBy: 'anything' }).result$.subscribe((rows) => rows[0].x);
  const { synced } = things.delete('1');
  await synced;
  await sync.deleteEntity('things', '1');
  // @ts-expect-error no such method
  sync.syncAll();
}
