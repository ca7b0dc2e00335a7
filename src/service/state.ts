import type { SyncErrorInfo } from '../core/errors.ts';

/** Why nothing is sent. Any one of them holds the queue. */
export type Blocker = 'offline' | 'captive' | 'needs-auth' | 'not-leader' | 'paused' | 'misconfigured';

/** The whole status of a service. The same object is handed out until something changes. */
export interface SyncState {
  /** `online`: the backend itself answered. `captive`: a network in between answers instead. */
  readonly connectivity: 'offline' | 'connecting' | 'online' | 'reconnecting' | 'captive';
  readonly auth: 'authorized' | 'refreshing' | 'needs-auth';
  readonly queue: 'hydrating' | 'idle' | 'draining' | 'backing-off' | 'waiting' | 'paused';
  readonly blockers: readonly Blocker[];
  readonly realTime: 'off' | 'connecting' | 'catching-up' | 'live' | 'reconnecting' | 'polling' | 'unsupported';
  readonly role: 'leader' | 'follower';
  /** Operations neither parked nor in an open conflict. The three counts never overlap. */
  readonly pending: number;
  /** Operations refused by the backend, and those that wait behind one. */
  readonly parked: number;
  /** Operations of entities whose conflict awaits a decision. */
  readonly conflicts: number;
  /** There is pending work, nothing blocks, and no progress for too long. */
  readonly stalled: boolean;
  /** False: the storage keeps nothing across restarts. */
  readonly durable: boolean;
  /** Operations of the drain under way. Null while none is: no backend tells how long a pull will be. */
  readonly progress: { readonly done: number; readonly total: number } | null;
  /** ISO 8601: when the backend last took operations, or a feed was read to its end. Null before that, in each life of a service. */
  readonly lastSyncedAt: string | null;
  /** ISO 8601: when the queue tries again. Null unless it backs off. */
  readonly nextRetryAt: string | null;
  readonly error: SyncErrorInfo | null;
}
