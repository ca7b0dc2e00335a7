import { Observable, type Subject } from 'rxjs';
import { CursorExpiredError, type SyncError } from '../../core/errors.ts';
import type { RealTimeMessage, RealTimeTransport } from '../../ports/real-time.ts';
import type { MemoryFeed } from './memory-feed.ts';

/** What the sockets of a backend in memory hang on. */
export interface MemoryTransportParts {
  readonly feed: MemoryFeed;
  /** Emits after each change. */
  readonly applied$: Subject<void>;
  /** Ends all connections with the error. */
  readonly dropped$: Subject<SyncError>;
  epoch(): string | undefined;
}

/** A transport on the feed of a backend in memory: `open`, then what was missed since the cursors, then changes as they happen. */
export function createMemoryTransport({ feed, applied$, dropped$, epoch }: MemoryTransportParts): RealTimeTransport {
  return {
    connect: ({ channels$ }) =>
      new Observable<RealTimeMessage>((subscriber) => {
        const cursors = new Map<string, string>();
        let isOpen = false;

        const tell = (channel: string, cursor: string | null): void => {
          cursors.set(channel, feed.end);
          try {
            for (const change of feed.after(channel, cursor))
              subscriber.next({ type: 'change', change: structuredClone(change) });
          } catch (error) {
            if (!(error instanceof CursorExpiredError)) throw error;
            subscriber.next({ type: 'resync' });
          }
        };
        const openUp = (): void => {
          if (subscriber.closed) return;
          isOpen = true;
          const known = epoch();
          subscriber.next(known === undefined ? { type: 'open' } : { type: 'open', epoch: known });
          subscriber.add(
            channels$.subscribe((channels) => {
              const wanted = new Set(channels.map(({ channel }) => channel));
              for (const channel of cursors.keys()) if (!wanted.has(channel)) cursors.delete(channel);
              for (const { channel, cursor } of channels) if (!cursors.has(channel)) tell(channel, cursor);
            }),
          );
        };
        subscriber.add(dropped$.subscribe((error) => subscriber.error(error)));
        subscriber.add(
          applied$.subscribe(() => {
            if (isOpen) for (const [channel, cursor] of [...cursors]) tell(channel, cursor);
          }),
        );
        globalThis.queueMicrotask(openUp);
      }),
  };
}
