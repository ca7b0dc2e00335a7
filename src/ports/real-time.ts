import type { Observable } from 'rxjs';
import type { SyncError } from '../core/errors.ts';
import type { RemoteChange } from '../core/record.ts';

/**
 * What a connection says. `refused`: this channel is not followed over this connection, and why; the others are. `poke`: fetch what may have been missed; no cursor of a change counts until that is done. `resync`: the same, and
 * cursors that were given may lead nowhere: the feed answers those with `CursorExpiredError`, and what it then tells is a snapshot.
 */
export type RealTimeMessage =
  | { readonly type: 'open'; readonly epoch?: string }
  | { readonly type: 'change'; readonly change: RemoteChange }
  | { readonly type: 'refused'; readonly channel: string; readonly error: SyncError }
  | { readonly type: 'poke' }
  | { readonly type: 'resync' };

/** Who connects, and what for. */
export interface RealTimeSession {
  readonly clientId: string;
  readonly epoch?: string;
  /** The channels wanted, current value first: `users` (with the cursor it is at) or `users/42`. */
  readonly channels$: Observable<readonly RealTimeChannel[]>;
}

/** One channel that is wanted, and the place in the feed after which it is; null: from now on. */
export interface RealTimeChannel {
  readonly channel: string;
  readonly cursor: string | null;
}

/**
 * One connection per subscription: subscribing connects, unsubscribing closes, an error is a lost connection (its
 * SyncError says why). Never reconnects by itself. `open` comes once, after authentication, before any change. `poke` comes
 * before the first change that follows what was missed.
 */
export interface RealTimeTransport {
  connect(session: RealTimeSession): Observable<RealTimeMessage>;
}

/** A WebSocket class with the standard's constructor. */
export type WebSocketConstructor = new (url: string, protocols?: string | string[]) => WebSocket;
