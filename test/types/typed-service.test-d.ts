import { from } from 'rxjs';
import {
  createSyncService,
  type ApiClient,
  type Collection,
  type Draft,
  type EntityOf,
  type IConflictLog,
  type IDiffCalculator,
  type IOfflineQueue,
  type IRealTimeSync,
  type ISyncEntity,
  type ISyncOperation,
  type ISyncService,
  type MergeConflict,
  type RealTimeEntity,
  type SyncErrorCode,
  type SyncState,
} from '../../src/index.ts';
import { item, note, task, user, type Collections, type CollectionsAlias, type Item, type User } from './app.ts';

declare const apiClient: ApiClient;
declare function expectType<T>(value: T): void;
type Equal<A, B> = (<X>() => X extends A ? 1 : 2) extends <X>() => X extends B ? 1 : 2 ? true : false;

const sync = createSyncService<Collections>(apiClient);
const alias = createSyncService<CollectionsAlias>(apiClient);
const literal = createSyncService<{ users: User }>(apiClient);
const users = sync.collection('users');
const tasks = sync.collection('tasks');
const items = sync.collection('items');

export async function writesAndReads(): Promise<void> {
  expectType<User & ISyncEntity>(await sync.syncEntity('users', user));
  expectType<User>(await alias.syncEntity('users', user));
  expectType<User>(await literal.syncEntity('users', user, { until: 'durable', signal: new AbortController().signal }));
  await sync.syncEntity('notes', note);
  await sync.syncEntity('tasks', await sync.syncEntity('tasks', task));
  await sync.deleteEntity('users', user.id, { until: 'synced' });

  users.put(user);
  users.put({ ...user, updatedAt: '2026-01-01T00:00:00Z', version: 3 });
  sync.collection('notes').put(note);
  sync.collection('notes').put({ id: '1', text: 'without metadata' });
  items.put(item);
  items.put({ id: '1', kind: 'image', url: 'x', width: 1 });
  users.patch('1', { name: 'Ada', address: { street: 'x' }, roles: ['admin'] });
  users.patch('1', { email: undefined });
  tasks.patch('1', { assignee: null });
  tasks.patch('1', { assignee: undefined });
  users.patch('1', (current) => ({ ...current, name: current.name.trim() }));
  tasks.patch('1', ({ id, title }) => ({ id, title, done: true }));

  const stored = users.get('1');
  expectType<string | undefined>(stored?.address.geo?.lat.toFixed());
  expectType<string | number | undefined>(stored?.version);
  expectType<string | undefined>(stored?.updatedAt);
  expectType<readonly (User & ISyncEntity)[]>(users.list());
  const [first] = items.list();
  if (first?.kind === 'image') expectType<number>(first.width);

  const write = users.put(user);
  expectType<User | null>(write.entity);
  expectType<string | null>(write.operationId);
  expectType<User | null>(await write.synced);
  expectType<number>(sync.batch(() => users.list().length));
  expectType<User | undefined>(await users.load('1'));
}

export function observes(): void {
  users.entity$('1').subscribe((one) => expectType<User | undefined>(one));
  users.all$().subscribe((all) => expectType<readonly User[]>(all));
  users.changes$.subscribe((changes) => {
    for (const { id, entity } of changes) expectType<readonly [string, User | null]>([id, entity]);
  });
  const open = tasks.query({ where: ({ done }) => !done, orderBy: 'title', limit: 10 });
  open.result$.subscribe((rows) => rows.map(({ title }) => title.length));
  open.get().map(({ assignee }) => assignee?.length);
  tasks.query({ orderBy: { field: 'updatedAt', direction: 'desc' } });
  tasks.query({ orderBy: { field: 'title' } });
  tasks.query({ orderBy: (a, b) => a.title.length - b.title.length });
  sync.realTime.subscribe('users', (one, change) => {
    expectType<(User & ISyncEntity) | null>(one);
    expectType<string>(change.id);
  });
  sync.realTime.subscribe('users/42', (one) => expectType<User | null>(one));
  from(sync).subscribe((state) => expectType<SyncState>(state));
  sync.state$.subscribe((state) => expectType<SyncState>(state));
  void sync.whenSynced('users', '1', { signal: new AbortController().signal });
}

export async function decides(): Promise<void> {
  const [operation] = sync.queue.parked();
  const [conflict] = sync.conflicts.list();
  if (!operation || !conflict) return;
  await sync.queue.edit(operation.id, user);
  await sync.queue.edit(operation.id, note);
  await sync.queue.edit(operation.id, item);
  await sync.queue.edit(operation.id, { id: '1', title: 'a', done: true });
  if (operation.entity) await sync.queue.edit(operation.id, operation.entity);
  await sync.conflicts.resolve(conflict.id, 'local');
  await sync.conflicts.resolve(conflict.id, 'remote');
  await sync.conflicts.resolve(conflict.id, null);
  await sync.conflicts.resolve(conflict.id, conflict.remote);
  await sync.conflicts.resolve(conflict.id, conflict.local ?? 'remote');
  await sync.conflicts.resolve(conflict.id, task);
  await sync.conflicts.resolve(conflict.id, users.get('1') ?? null);
  await sync.conflicts.resolve(conflict.id, { id: '1', title: 'a', done: true });
}

export function refuses(): void {
  // @ts-expect-error no such choice
  void sync.conflicts.resolve('1', 'both');
  // @ts-expect-error no id
  void sync.conflicts.resolve('1', { title: 'a' });
  // @ts-expect-error no id
  void sync.queue.edit('1', { title: 'a' });
  // @ts-expect-error an id is a string
  void sync.queue.edit('1', { id: 1 });
  // @ts-expect-error a misspelt collection
  void sync.syncEntity('user', user);
  // @ts-expect-error a misspelt collection
  sync.collection('task');
  // @ts-expect-error a misspelt collection
  sync.realTime.subscribe('user', () => undefined);
  // @ts-expect-error a misspelt collection
  sync.realTime.subscribe('user/42', () => undefined);
  // @ts-expect-error a misspelt collection
  void sync.whenSynced('user');
  // @ts-expect-error an entity of another collection
  void sync.syncEntity('tasks', user);
  // @ts-expect-error a misspelt field
  void sync.syncEntity('tasks', { id: '1', titel: 'a', done: false });
  // @ts-expect-error one field too many
  void sync.syncEntity('tasks', { id: '1', title: 'a', done: false, colour: 'red' });
  // @ts-expect-error a missing field
  tasks.put({ id: '1', title: 'a' });
  // @ts-expect-error no id
  tasks.put({ title: 'a', done: true });
  // @ts-expect-error a field of the wrong type
  tasks.put({ id: '1', title: 1, done: true });
  // @ts-expect-error a nested field of the wrong type
  users.put({ ...user, address: { street: 1 } });
  // @ts-expect-error a nested field that is misspelt
  users.patch('1', { address: { stret: 'x' } });
  // @ts-expect-error a misspelt field
  users.patch('1', { nmae: 'Ada' });
  // @ts-expect-error a field of the wrong type
  users.patch('1', { name: 1 });
  // @ts-expect-error a required field cannot be removed
  users.patch('1', { name: undefined });
  // @ts-expect-error the id cannot be changed
  users.patch('1', { id: '2' });
  // @ts-expect-error an entity without what it needs
  users.patch('1', ({ id }) => ({ id }));
  // @ts-expect-error a field of another kind
  items.put({ id: '1', kind: 'text', url: 'x', width: 1 });
  // @ts-expect-error a misspelt field
  tasks.query({ orderBy: 'titel' });
  // @ts-expect-error a misspelt field
  tasks.query({ where: ({ dnoe }) => dnoe });
  // @ts-expect-error an id is a string
  users.get(1);
  // @ts-expect-error a deleted entity is null
  sync.realTime.subscribe('users', (one) => one.name);
  // @ts-expect-error entities have an id
  createSyncService<{ users: { name: string } }>(apiClient);
  // @ts-expect-error no such word
  void sync.syncEntity('users', user, { until: 'sent' });
  // @ts-expect-error no such strategy
  createSyncService(apiClient, { conflict: 'newest' });
  // @ts-expect-error two functions are missing
  createSyncService({ get: apiClient.get, create: apiClient.create });
  // @ts-expect-error what was read is not the app's to change
  users.list().push(user);
}

/** The six interfaces of the specification, by their names. */
export type Six = [ISyncEntity, ISyncOperation, IOfflineQueue, IDiffCalculator, IRealTimeSync, ISyncService];

/** What the signatures speak of can be named. */
export type Named = [EntityOf<Collections, 'users'>, RealTimeEntity<Collections, 'users'>, MergeConflict];

/** A helper of an app, generic over its collections. */
export function rename<T extends { id: string; name: string }>(collection: Collection<T>, one: T): string {
  return collection.get(one.id)?.name ?? '';
}
rename(users, user);

const draft: Draft<Item> = { id: '1', kind: 'text', text: 'a' };
items.put(draft);

expectType<IConflictLog>(sync.conflicts);
expectType<true>(true satisfies Equal<ReturnType<typeof users.get>, (User & ISyncEntity) | undefined>);

/** The union of codes is closed: a switch over it needs no default. */
export function isMine(code: SyncErrorCode): boolean {
  return (['unknown-entity', 'parked'] satisfies SyncErrorCode[] as SyncErrorCode[]).includes(code);
}
