import IsomorphicWebSocket from 'isomorphic-ws';
import { SyncError } from '../../core/errors.ts';
import type { WebSocketConstructor } from '../../ports/real-time.ts';

/** The WebSocket class of the platform, or that of `ws` in Node. Throws `missing-dependency` where there is none. */
export function platformWebSocket(): WebSocketConstructor {
  const found = IsomorphicWebSocket as unknown as WebSocketConstructor | null;
  if (found === null) {
    throw new SyncError('missing-dependency', 'This platform has no WebSocket. Pass one by the option `WebSocket`.');
  }
  return found;
}
