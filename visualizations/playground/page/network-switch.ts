import { Subject } from 'rxjs';
import type { NetworkSignals, WebSocketConstructor } from 'syncline';

export interface NetworkSwitch {
  readonly plugged: boolean;
  /** Ends every request and socket that is open; new ones fail until `plugIn`. */
  pull(): void;
  plugIn(): void;
  /** `fetch` over this cable. */
  readonly fetch: typeof globalThis.fetch;
  /** `WebSocket` over this cable. */
  readonly WebSocket: WebSocketConstructor;
  /** What an operating system says of its cable. */
  readonly signals: NetworkSignals;
}

/** No browser connects to the discard port, so a socket to it fails as one without a network does. */
const nowhere = 'ws://127.0.0.1:9/';

/** The network cable of one client: what goes through it is really cut, whatever the client believes. */
export function createNetworkSwitch(plugged: boolean): NetworkSwitch {
  const changes$ = new Subject<boolean>();
  let cable = new AbortController();
  const pull = () => {
    cable.abort(new TypeError('The network is cut.'));
    changes$.next(false);
  };
  const plugIn = () => {
    if (!cable.signal.aborted) return;
    cable = new AbortController();
    changes$.next(true);
  };
  if (!plugged) pull();

  const fetchOverCable: typeof globalThis.fetch = (input, init) => {
    const own = init?.signal ?? (input instanceof Request ? input.signal : null);
    return fetch(input, { ...init, signal: own === null ? cable.signal : AbortSignal.any([own, cable.signal]) });
  };

  class SocketOverCable extends WebSocket {
    constructor(url: string | URL, protocols: string | string[] = []) {
      super(cable.signal.aborted ? nowhere : url, protocols);
      const closed = new AbortController();
      cable.signal.addEventListener('abort', () => this.close(), { once: true, signal: closed.signal });
      this.addEventListener('close', () => closed.abort(), { once: true });
    }
  }

  return {
    get plugged() {
      return !cable.signal.aborted;
    },
    pull,
    plugIn,
    fetch: fetchOverCable,
    WebSocket: SocketOverCable,
    signals: {
      get onLine() {
        return !cable.signal.aborted;
      },
      changes$,
    },
  };
}
