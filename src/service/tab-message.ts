import type { SyncErrorInfo } from '../core/errors.ts';
import type { RemoteChange } from '../core/record.ts';
import type { Draft, JournalEntry } from '../store/entry.ts';
import type { SyncState } from './state.ts';

/** What a follower needs the leader to listen to. */
export interface TabNeeds {
  readonly collections: readonly string[];
  /** Of single entities: `users/42`. */
  readonly channels: readonly string[];
  readonly realTime: boolean;
}

/** What a follower asks the leader to do. */
export type TabRequest =
  | { readonly type: 'commit'; readonly entries: readonly JournalEntry[]; readonly origin: 'own' | 'remote' }
  | { readonly type: 'resolve'; readonly conflictId: string; readonly choice: unknown }
  | { readonly type: 'load'; readonly collection: string; readonly id: string }
  | { readonly type: 'pull'; readonly collection: string };

/** What a call of the app changes in every tab. */
export type TabCall = 'app.pause' | 'app.resume' | 'auth.renew' | 'queue.drain' | 'feed.pull';

/** What the leader knows that the others show, too. */
export type SharedState = Omit<SyncState, 'role' | 'pending' | 'parked' | 'conflicts' | 'durable'>;

/** Leaves out what each tab knows of itself. */
export function sharedPart(state: SyncState): SharedState {
  const {
    role: _role,
    pending: _pending,
    parked: _parked,
    conflicts: _conflicts,
    durable: _durable,
    ...shared
  } = state;
  return shared;
}

/** What tabs of one name and user tell each other. `from`: the tab's writer. */
export type TabMessage = { readonly from: string } & (
  | { readonly type: 'hello' }
  /** Is a leader there? `number`: how far this tab's journal has grown. */
  | { readonly type: 'ping'; readonly number: number }
  /** One is about to be. */
  | { readonly type: 'elected' }
  /** One is, and has stored its journal up to this segment. */
  | { readonly type: 'reign'; readonly epoch: number; readonly number: number }
  /** `drafts`: those of the segment whole, where fields are cut out of what is stored. */
  | { readonly type: 'grown'; readonly number: number; readonly drafts?: readonly Draft[] }
  | { readonly type: 'status'; readonly state: SharedState; readonly undecided: readonly string[] }
  | { readonly type: 'news'; readonly number: number; readonly changes: readonly RemoteChange[] }
  | { readonly type: 'needs'; readonly needs: TabNeeds }
  /** The leader does not know what that tab needs. */
  | { readonly type: 'unknown'; readonly tab: string }
  | { readonly type: 'ask'; readonly id: string; readonly request: TabRequest }
  /** `number`: the leader's journal shows what came of it up to this segment. */
  | { readonly type: 'answer'; readonly id: string; readonly number: number; readonly error: SyncErrorInfo | null }
  | { readonly type: 'call'; readonly call: TabCall }
  | { readonly type: 'signOut' }
  /** The tab ends, or its page does: it needs nothing any more. */
  | { readonly type: 'bye' }
);

/** Null for what is none: other releases of the app may be open in other tabs. */
export function readTabMessage(value: unknown): TabMessage | null {
  if (typeof value !== 'object' || value === null) return null;
  const { type, from } = value as { readonly type?: unknown; readonly from?: unknown };
  return typeof type === 'string' && typeof from === 'string' ? (value as TabMessage) : null;
}
