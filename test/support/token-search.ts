import type { InspectionEvent } from 'xstate';
import { SyncError } from '../../src/core/errors.ts';
import type { AnyCollections, ISyncService, KeyValueStorage } from '../../src/index.ts';
import { settle } from '../../src/testing/virtual-clock.ts';

/** In every token that a test makes up: what the search finds is a token that got out (G16). */
export const canary = 'canary-token';

/** What the running test leaves to be searched, by what it is; null: nothing is searched. */
let kept: Map<string, unknown[]> | null = null;
let readers: (() => Promise<void>)[] = [];

/** What the app's own client threw: the library may hand it on as the cause of its error, and nowhere else. */
const thrownByApp = new WeakSet<object>();

/** From now on everything is kept. */
export function beginTokenSearch(): void {
  kept = new Map();
  readers = [];
}

/** Keeps something for the search at the end of the running test. */
export function keepForSearch(what: string, value: unknown): void {
  if (kept?.get(what)?.push(value) === undefined) kept?.set(what, [value]);
}

/** Sees to it that a token which is sent is one that would be found. */
export function expectCanary(authorization: string | null | undefined): void {
  if (authorization?.startsWith('Bearer ') && !authorization.includes(canary)) keepForSearch('token without', canary);
}

/** Keeps the events and states of a service; its queue, export and conflicts, and its storage, are read at the end of the test. */
export function searchService(sync: ISyncService<AnyCollections>, storage: KeyValueStorage): void {
  if (kept === null) return;
  sync.events$.subscribe((event) => keepForSearch('event', event));
  sync.state$.subscribe((state) => keepForSearch('state', state));
  readers.push(async () => {
    keepForSearch('state', sync.getSnapshot());
    keepForSearch('queue', sync.queue.list());
    keepForSearch('conflicts', sync.conflicts.list());
    keepForSearch('export', await sync.queue.export());
  });
  readers.push(async () => {
    for (const key of await storage.keys()) keepForSearch('storage', [key, await storage.getItem(key)]);
  });
}

/** Keeps what actors are told. */
export function keepInspected(event: InspectionEvent): void {
  if ('event' in event) keepForSearch('inspection', event.event);
}

/** Makes what a client throws as that of apps often is: it quotes the request, with the token. */
export function quoteToken(thrown: unknown): void {
  if (!(thrown instanceof Error)) return;
  if (!(thrown instanceof SyncError)) thrownByApp.add(thrown);
  if (thrown.cause !== undefined || !Object.isExtensible(thrown)) return;
  const headers = { authorization: `Bearer ${canary}` };
  const cause = Object.assign(new Error(`Refused: ${headers.authorization}`), { config: { headers } });
  thrownByApp.add(cause);
  Object.defineProperty(thrown, 'cause', { value: cause, configurable: true });
}

/** Ends the search: what a token was found in. */
export async function endTokenSearch(): Promise<readonly string[]> {
  await Promise.race([Promise.allSettled(readers.map((read) => read())), manyTurns()]);
  const found = [...(kept ?? [])].filter(([, values]) => holdsToken(values));
  kept = null;
  readers = [];
  return found.map(([what]) => what);
}

/** A storage under test may never answer. */
async function manyTurns(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await settle();
}

function holdsToken(values: readonly unknown[]): boolean {
  const waiting = [...values];
  const seen = new Set<object>();
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (typeof value === 'string' && value.includes(canary)) return true;
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    for (const part of partsOf(value)) waiting.push(part);
  }
  return false;
}

function partsOf(value: object): Iterable<unknown> {
  if (Array.isArray(value) || value instanceof Set) return value as Iterable<unknown>;
  if (ArrayBuffer.isView(value)) return [new TextDecoder('latin1').decode(value)];
  if (value instanceof Map) return [...value.keys(), ...value.values()];
  const parts = Object.keys(value).concat(Object.values(value));
  if (!(value instanceof Error)) return parts;
  return [...parts, value.message, value.stack, thrownByApp.has(value.cause as object) ? null : value.cause];
}
