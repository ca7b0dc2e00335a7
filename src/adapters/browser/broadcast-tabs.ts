import { Subject } from 'rxjs';
import type { TabChannelPort } from '../../ports/environment.ts';
import { isBrowser } from './is-browser.ts';

/** Channels by BroadcastChannel; null where there is none, and on a server, whose own would keep the process alive. */
export function createBroadcastTabs(): TabChannelPort | null {
  if (!isBrowser() || typeof globalThis.BroadcastChannel !== 'function') return null;
  return {
    open(name) {
      const channel = new BroadcastChannel(name);
      const messages$ = new Subject<unknown>();
      let isOpen = true;
      channel.onmessage = ({ data }: MessageEvent<unknown>) => messages$.next(data);
      return {
        post(message) {
          if (isOpen) channel.postMessage(message);
        },
        messages$: messages$.asObservable(),
        close() {
          isOpen = false;
          channel.close();
          messages$.complete();
        },
      };
    },
  };
}
