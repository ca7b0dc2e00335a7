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

/** A lock shared by the tabs of one origin. Resolves `held` when it is granted; the lock is kept until the callback's promise settles. */
export interface LockPort {
  request(
    name: string,
    options: { signal: AbortSignal; steal?: boolean },
    callback: () => Promise<void>,
  ): Promise<void>;
}

/** A broadcast between the tabs of one origin. A tab does not hear itself. */
export interface TabChannelPort {
  open(name: string): { post(message: unknown): void; messages$: Observable<unknown>; close(): void };
}

export type PageSignal = 'visible' | 'hidden' | 'frozen' | 'resumed' | 'leaving';

/** Everything the client takes from the world but its backend and its storage. Injected for tests and simulation. */
export interface Environment {
  clock: Clock;
  /** Uniform in [0, 1). */
  random(): number;
  network: NetworkSignals;
  locks: LockPort | null;
  tabs: TabChannelPort | null;
  page$: Observable<PageSignal>;
}
