/** What a benchmark is given. */
export interface World {
  /** Samples per side; the median counts. */
  readonly rounds: number;
  /** Origin of the loopback server that answers at once. Only in Chromium. */
  readonly origin: string;
  /** Starts the real server on a fresh database; resolves with its address. Only in Chromium. */
  startServer(): Promise<string>;
  stopServer(): Promise<void>;
}

/** One row of the table. `measured` is held against the target: a ratio, a growth, or the value itself. */
export interface Line {
  readonly work: string;
  readonly ours: string;
  readonly limit: string;
  readonly measured: number;
  /** What `measured` is counted in: `x` for a ratio. */
  readonly unit: 'x' | 'ms' | 'KB' | 'operations';
  /** Null: reported only. */
  readonly target: Target | null;
}

export interface Target {
  readonly is: 'at most' | 'at least';
  readonly value: number;
}

/** One file of `cases/`. Everything it opens it closes. */
export type Benchmark = (world: World) => Promise<readonly Line[]>;

export const atMost = (value: number): Target => ({ is: 'at most', value });
export const atLeast = (value: number): Target => ({ is: 'at least', value });

/** Whether a line meets its target; null where it has none. */
export function isMet({ measured, target }: Line): boolean | null {
  if (target === null) return null;
  return target.is === 'at most' ? measured <= target.value : measured >= target.value;
}
