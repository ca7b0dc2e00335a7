import type { WebSocket } from 'ws';
import type { Problem } from '../problem.ts';

/** A frame to a client, changes apart. */
export type ServerFrame =
  | {
      readonly type: 'welcome';
      readonly sessionId: string;
      readonly epoch: string;
      readonly heartbeatMs: number;
      readonly maxBytes: number;
    }
  | { readonly type: 'resync'; readonly epoch: string }
  | { readonly type: 'poke' | 'pong' }
  | { readonly type: 'error'; readonly problem: Problem; readonly channel?: string };

const poke = JSON.stringify({ type: 'poke' } satisfies ServerFrame);

/** What goes out on one socket. Sending to a closed socket does nothing. */
export interface Outbox {
  send(frame: ServerFrame): void;
  /** Numbers a change, given as its cursor and as JSON text without its opening brace; one that is too large for a frame is told by a `poke`. */
  sendChange(cursor: string, text: string): void;
  /** Bytes that wait for the reader. */
  buffered(): number;
  /** Sends a `poke` behind everything that waits, and tells once when half of what may wait has been sent. */
  pokeAndAwaitDrain(): void;
}

/** Calls `overflowed` when more waits than a reader may ever leave, `drained` as often as it was asked for. */
export function createOutbox(
  socket: WebSocket,
  limits: { readonly changeBytes: number; readonly bufferedBytes: number; readonly bufferedBytesMax: number },
  events: { overflowed(): void; drained(): void },
): Outbox {
  let lastSeq = 0;
  let awaitsDrain = false;

  const write = (text: string): void => {
    if (socket.readyState !== socket.OPEN) return;
    socket.send(text, () => {
      if (!awaitsDrain || socket.bufferedAmount > limits.bufferedBytes / 2) return;
      awaitsDrain = false;
      events.drained();
    });
    if (socket.bufferedAmount > limits.bufferedBytesMax) events.overflowed();
  };

  return {
    send: (frame) => write(JSON.stringify(frame)),
    sendChange(cursor, text) {
      if (Buffer.byteLength(text) > limits.changeBytes) {
        write(poke);
        return;
      }
      write(`{"type":"change","seq":${lastSeq + 1},"prev":${lastSeq},"cursor":"${cursor}",${text}`);
      lastSeq += 1;
    },
    buffered: () => socket.bufferedAmount,
    pokeAndAwaitDrain() {
      awaitsDrain = true;
      write(poke);
    },
  };
}
