import type { WebSocket } from 'ws';
import type { Clock } from '../../ports/environment.ts';

/**
 * Pings a socket at every interval, by RFC 6455, and calls `died` when nothing at all was heard in two of them. Returns its end.
 */
export function keepAlive(socket: WebSocket, clock: Clock, heartbeatMs: number, died: () => void): () => void {
  let silentBeats = 0;
  let timer: unknown = null;
  const hear = (): void => {
    silentBeats = 0;
  };
  const beat = (): void => {
    timer = clock.setTimeout(beat, heartbeatMs);
    silentBeats += 1;
    if (silentBeats > 2) died();
    else if (socket.readyState === socket.OPEN) socket.ping();
  };
  socket.on('message', hear);
  socket.on('pong', hear);
  socket.on('ping', hear);
  timer = clock.setTimeout(beat, heartbeatMs);
  return () => {
    clock.clearTimeout(timer);
    socket.off('message', hear);
    socket.off('pong', hear);
    socket.off('ping', hear);
  };
}
