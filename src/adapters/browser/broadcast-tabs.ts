import { map } from 'rxjs';
import type { TabChannelPort } from '../../ports/environment.ts';
import { listenTo } from './listen.ts';

/** Tabs by BroadcastChannel; null where there is none. Messages are structured-cloneable. */
export function createBroadcastTabs(): TabChannelPort | null {
  if (typeof globalThis.BroadcastChannel !== 'function') return null;
  return {
    open(name) {
      let channel: BroadcastChannel | null = new BroadcastChannel(name);
      return {
        post: (message) => channel?.postMessage(message),
        messages$: listenTo<MessageEvent<unknown>>(() => channel, 'message').pipe(map(({ data }) => data)),
        close() {
          channel?.close();
          channel = null;
        },
      };
    },
  };
}
