import type { Observable } from 'rxjs';

/** Time. `now` is milliseconds since 1970 UTC; `setTimeout` gives an opaque id. */
export interface Clock {
  now(): number;
  setTimeout(f: () => void, ms: number): unknown;
  clearTimeout(id: unknown): void;
}

/** What the platform says of the network: a hint, never the truth. */
export interface NetworkSignals {
  readonly onLine: boolean;
  readonly changes$: Observable<boolean>;
}

/** Locks that the tabs of one origin share. Each has a name; `-` may not begin it. */
export interface LockPort {
  /**
   * Asks for a lock and calls `callback` once it is granted: in the order of asking, and not before the caller has finished. The
   * lock is held until the promise of `callback` settles, or its tab is gone: closed, crashed or killed, but not frozen. Settles as
   * that promise does. `steal` waits for nobody: who held the lock has lost it, who waits for it goes on waiting.
   *
   * Rejects with SyncError `aborted` when `signal` aborts before `callback` is called, which then never is; later the signal does
   * nothing. Rejects with `aborted`, too, when another steals the lock; `callback` is not told, and goes on without it. Rejects with
   * `unsupported` when the platform refuses, as it does to a sandboxed frame.
   */
  request(
    name: string,
    options: { signal: AbortSignal; steal?: boolean },
    callback: () => Promise<void>,
  ): Promise<void>;
}

/** What one tab tells the others of its origin: hints, that a tab which is frozen or gone may never hear. */
export interface TabChannelPort {
  /** What is posted lies on the disk for a moment: nothing excluded and nothing to be encrypted is posted then. */
  readonly passesThroughDisk?: true;
  open(name: string): TabChannel;
}

/** One end of a channel, open from the start. Messages are plain JSON. */
export interface TabChannel {
  /**
   * Tells every other end that is open under this name, in this tab and in others, never this one. They hear it after the caller has
   * finished, each what one end posts in the order of posting. Does nothing after `close`.
   */
  post(message: unknown): void;
  /** What the others post, hot: a message that arrives while nobody is subscribed is gone. Completes with `close`. */
  readonly messages$: Observable<unknown>;
  /** Idempotent. What is on its way to this end is not heard any more. */
  close(): void;
}

/** What happens to the page, as the Page Lifecycle tells it. */
export type PageSignal = 'visible' | 'hidden' | 'frozen' | 'resumed' | 'leaving';

/** Everything the client takes from the world but its backend and its storage. Injected for tests and simulation. */
export interface Environment {
  clock: Clock;
  /** Uniform in [0, 1). */
  random(): number;
  network: NetworkSignals;
  /** Null: there are none, as in Node or on a page that is not secure. */
  locks: LockPort | null;
  /** Null: there is none, as in Node. */
  tabs: TabChannelPort | null;
  page$: Observable<PageSignal>;
}
