import type { NetworkSignals } from '../../ports/environment.ts';
import { listenTo } from './listen.ts';

/** What the platform says of the network. Where it says nothing, it counts as online. */
export function createNetworkSignals(): NetworkSignals {
  return {
    get onLine() {
      return globalThis.navigator?.onLine !== false;
    },
    changes$: listenTo(() => globalThis, { online: () => true, offline: () => false }),
  };
}
