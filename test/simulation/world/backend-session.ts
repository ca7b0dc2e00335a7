import type { RealTimeChannel, RealTimeMessage } from '../../../src/ports/real-time.ts';
import type { Backend } from './backend.ts';

/** The backend's end of one socket: first everything after the cursors it is told, then every change as it happens. */
export interface BackendSession {
  follow(channels: readonly RealTimeChannel[]): void;
  close(): void;
}

/** Begins a session: `open` is sent at once. */
export function createBackendSession(backend: Backend, send: (message: RealTimeMessage) => void): BackendSession {
  const positions = new Map<string, number>();
  send({ type: 'open', epoch: backend.epoch });

  const catchUp = (channel: string, from: number | string | null): void => {
    const rows = backend.feed.after(channel, from);
    positions.set(channel, backend.feed.position);
    if (!rows) send({ type: 'resync' });
    for (const row of rows ?? []) send({ type: 'change', change: backend.feed.changeOf(row) });
  };
  const watch = backend.applied$.subscribe(() => {
    for (const [channel, position] of positions) catchUp(channel, position);
  });

  return {
    follow(channels) {
      const wanted = new Set(channels.map(({ channel }) => channel));
      for (const channel of positions.keys()) if (!wanted.has(channel)) positions.delete(channel);
      for (const { channel, cursor } of channels) if (!positions.has(channel)) catchUp(channel, cursor);
    },
    close() {
      watch.unsubscribe();
    },
  };
}
