import { filter, map, Observable, Subject } from 'rxjs';
import type { TabChannelPort } from '../../ports/environment.ts';
import { listenTo } from './listen.ts';

interface Envelope {
  readonly from: string;
  readonly message: unknown;
}

/**
 * Tabs by the `storage` events of localStorage, for browsers without BroadcastChannel; null where it cannot be used.
 * Messages are JSON and pass through the disk for a moment: nothing excluded and no secret may be in one.
 */
export function createStorageTabs(random: () => number): TabChannelPort | null {
  const storage = findStorage();
  if (storage === null) return null;
  return {
    open(name) {
      const key = `syncline/tabs/${name}`;
      const from = `${random()}${random()}`;
      const closed$ = new Subject<never>();
      let post = (message: unknown): void => broadcast(storage, key, JSON.stringify({ from, message }));
      return {
        post: (message) => post(message),
        messages$: new Observable((subscriber) => {
          subscriber.add(closed$.subscribe({ complete: () => subscriber.complete() }));
          subscriber.add(messagesOf(key, from).subscribe((message) => subscriber.next(message)));
        }),
        close() {
          post = () => undefined;
          closed$.complete();
        },
      };
    },
  };
}

function findStorage(): Storage | null {
  try {
    return typeof globalThis.document === 'undefined' ? null : globalThis.localStorage;
  } catch {
    return null;
  }
}

/** The platform tells the other pages; a second channel in this one has to be told as well. */
function broadcast(storage: Storage, key: string, newValue: string): void {
  storage.setItem(key, newValue);
  storage.removeItem(key);
  globalThis.dispatchEvent(new StorageEvent('storage', { key, newValue }));
}

function messagesOf(key: string, self: string): Observable<unknown> {
  return listenTo<StorageEvent>(() => globalThis, 'storage').pipe(
    filter((event) => event.key === key && event.newValue !== null),
    map(({ newValue }) => readEnvelope(newValue ?? '')),
    filter((envelope) => envelope !== null && envelope.from !== self),
    map((envelope) => envelope?.message),
  );
}

function readEnvelope(text: string): Envelope | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'from' in value && typeof value.from === 'string'
      ? { from: value.from, message: 'message' in value ? value.message : undefined }
      : null;
  } catch {
    return null;
  }
}
