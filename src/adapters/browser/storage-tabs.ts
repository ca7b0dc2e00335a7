import { Subject } from 'rxjs';
import type { TabChannelPort } from '../../ports/environment.ts';
import { isBrowser } from './is-browser.ts';

interface InThisPage {
  readonly from: object;
  readonly text: string;
}

/**
 * Channels by the `storage` events of localStorage (HTML Standard, Web storage), for pages without BroadcastChannel; null where
 * there are none, as in a worker. Messages pass through the disk for a moment: nothing excluded and no secret may be in one. One
 * that finds no room there reaches this page only.
 */
export function createStorageTabs(): TabChannelPort | null {
  const storage = findStorage();
  if (storage === null) return null;
  return {
    passesThroughDisk: true,
    open(name) {
      const key = `syncline/tabs/${name}`;
      const messages$ = new Subject<unknown>();
      const hear = (text: string): void => {
        const message = readMessage(text);
        if (message !== undefined) messages$.next(message);
      };
      const hearPage = (event: StorageEvent): void => {
        if (event.key === key && event.newValue !== null) hear(event.newValue);
      };
      const hearThisPage = (event: Event): void => {
        const { from, text } = (event as CustomEvent<InThisPage>).detail;
        if (from !== messages$) hear(text);
      };
      globalThis.addEventListener('storage', hearPage);
      globalThis.addEventListener(key, hearThisPage);
      let isOpen = true;
      return {
        post(message) {
          if (isOpen) broadcast(storage, key, { from: messages$, text: JSON.stringify(message) });
        },
        messages$: messages$.asObservable(),
        close() {
          isOpen = false;
          globalThis.removeEventListener('storage', hearPage);
          globalThis.removeEventListener(key, hearThisPage);
          messages$.complete();
        },
      };
    },
  };
}

function findStorage(): Storage | null {
  try {
    return isBrowser() ? (globalThis.localStorage ?? null) : null;
  } catch {
    return null;
  }
}

/** The platform tells the other pages only; the other ends in this one hear an event of the page. */
function broadcast(storage: Storage, key: string, detail: InThisPage): void {
  globalThis.queueMicrotask(() => globalThis.dispatchEvent(new CustomEvent(key, { detail })));
  try {
    storage.setItem(key, detail.text);
    storage.removeItem(key);
  } catch {
    return;
  }
}

/** Undefined: no message of this library. */
function readMessage(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
