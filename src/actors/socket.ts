import type { Observable, Subscription } from 'rxjs';
import { fromCallback, type CallbackActorLogic } from 'xstate';
import type { BackendFact } from '../../machines/facts.ts';
import type { RealTimeEvent, SocketInput } from '../../machines/real-time.machine.ts';
import type { SyncEvent as RootEvent } from '../../machines/sync.machine.ts';
import type { Base } from '../core/entity.ts';
import type { SyncError } from '../core/errors.ts';
import type { RemoteChange } from '../core/record.ts';
import { toSyncError } from '../outbox/verdict.ts';
import type { Clock } from '../ports/environment.ts';
import type { RealTimeChannel, RealTimeMessage, RealTimeTransport } from '../ports/real-time.ts';
import type { JournalEntry } from '../store/entry.ts';
import { fullJitter, type RetryLimits } from './back-off.ts';
import type { ChangeTaker } from './take-changes.ts';

export interface SocketParts {
  readonly transport: RealTimeTransport | null;
  readonly clientId: string;
  readonly clock: Clock;
  random(): number;
  readonly retry: RetryLimits;
  readonly taker: ChangeTaker;
  readonly channels$: Observable<readonly RealTimeChannel[]>;
  epoch(): string | null;
  generation(): number;
  /** Everything from before the socket opened is here: frames lead on from the cursor. */
  isLive(): boolean;
  commit(entries: readonly JournalEntry[]): Promise<void>;
  tell(foreign: readonly { readonly change: RemoteChange; readonly base: Base }[]): void;
  report(event: RootEvent): void;
  checkEpoch(epoch: string | undefined): boolean;
}

/** Holds one connection. Frames of one tick are taken in together; an end of any kind is `socket.lost`. */
export function createSocket(parts: SocketParts): CallbackActorLogic<RealTimeEvent, SocketInput> {
  return fromCallback<RealTimeEvent, SocketInput>(({ sendBack, input }) => {
    const frames = createFrameBuffer(parts);
    const generation = parts.generation();
    const lose = (error: SyncError | null) => {
      const asked = (error as Partial<{ retryAfterMs: number }> | null)?.retryAfterMs ?? 0;
      const delayMs = asked + fullJitter(parts.retry, input.attempt, () => parts.random());
      sendBack({ type: 'socket.lost', fact: factOf(error, generation, parts.isLive()), delayMs });
    };
    const receive = (message: RealTimeMessage) => {
      switch (message.type) {
        case 'open':
          parts.checkEpoch(message.epoch);
          parts.report({ type: 'request.authorized', generation });
          return sendBack({ type: 'socket.opened' });
        case 'change':
          return frames.add(message.change);
        case 'poke':
        case 'resync':
          return parts.report({ type: 'feed.pull' });
      }
    };
    const subscription = connect(parts, receive, lose);
    return () => {
      subscription?.unsubscribe();
      frames.close();
    };
  });
}

function connect(
  { transport, clientId, channels$, epoch }: SocketParts,
  receive: (message: RealTimeMessage) => void,
  lose: (error: SyncError | null) => void,
): Subscription | null {
  const known = epoch();
  try {
    return (
      transport
        ?.connect({ clientId, channels$, ...(known === null ? {} : { epoch: known }) })
        .subscribe({
          next: receive,
          error: (error: unknown) => lose(toSyncError(error)),
          complete: () => lose(null),
        }) ?? null
    );
  } catch (error) {
    lose(toSyncError(error));
    return null;
  }
}

/** A connection that never came to life says nothing of the way that requests take; one that was alive does. */
function factOf(error: SyncError | null, generation: number, wasLive: boolean): BackendFact | null {
  switch (error?.code) {
    case 'unauthorized':
      return { type: 'request.unauthorized', generation };
    case 'rate-limited':
    case 'forbidden':
      return null;
    default:
      return wasLive ? { type: 'backend.unreachable' } : null;
  }
}

interface FrameBuffer {
  add(change: RemoteChange): void;
  close(): void;
}

function createFrameBuffer({ clock, taker, commit, tell, report, isLive }: SocketParts): FrameBuffer {
  let frames: RemoteChange[] = [];
  let timer: unknown = null;

  function takeIn(collection: string, changes: readonly RemoteChange[]): void {
    const last = changes[changes.length - 1];
    const cursor = isLive() ? last?.cursor : undefined;
    const { entries, foreign, toFetch } = taker.take(collection, changes, cursor);
    if (toFetch.length > 0) {
      const { entries: withoutCursor, foreign: told } = taker.take(collection, changes);
      if (withoutCursor.length > 0) void commit(withoutCursor);
      tell(told);
      report({ type: 'feed.pull' });
      return;
    }
    if (entries.length > 0) void commit(entries);
    tell(foreign);
  }

  function flush(): void {
    timer = null;
    const byCollection = groupByCollection(frames);
    frames = [];
    for (const [collection, changes] of byCollection) takeIn(collection, changes);
  }

  return {
    add(change) {
      frames.push(change);
      timer ??= clock.setTimeout(flush, 0);
    },
    close() {
      if (timer !== null) clock.clearTimeout(timer);
      timer = null;
      frames = [];
    },
  };
}

function groupByCollection(changes: readonly RemoteChange[]): Map<string, RemoteChange[]> {
  const byCollection = new Map<string, RemoteChange[]>();
  for (const change of changes) {
    const group = byCollection.get(change.collection);
    if (group) group.push(change);
    else byCollection.set(change.collection, [change]);
  }
  return byCollection;
}
