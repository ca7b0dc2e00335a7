/** What happened in a run, in order. Two runs of one seed give the same lines. */
export interface Trace {
  note(text: string): void;
  /** A fault that really happened, counted by kind. */
  fault(kind: string, text: string): void;
  /** Something that must never happen. */
  violate(text: string): void;
  readonly lines: readonly string[];
  readonly violations: readonly string[];
  readonly faults: ReadonlyMap<string, number>;
  /** How many of the faults were no consequences of others. */
  readonly injected: number;
}

/** What follows from something that was counted itself: each call over a link that is cut, each with a token that expired. */
const consequences: ReadonlySet<string> = new Set([
  'repeat',
  'parked',
  'partition',
  'socket lost',
  'token expired',
  'child held',
  'child of a refused one',
  'outcome looked for',
  'overwritten',
]);

/** `now`: milliseconds since 1970 UTC, put before each line relative to the first. */
export function createTrace(now: () => number): Trace {
  const startMs = now();
  const lines: string[] = [];
  const violations: string[] = [];
  const faults = new Map<string, number>();
  let injected = 0;
  const note = (text: string): void => {
    lines.push(`${((now() - startMs) / 1000).toFixed(3)} ${text}`);
  };
  return {
    note,
    fault(kind, text) {
      faults.set(kind, (faults.get(kind) ?? 0) + 1);
      if (!consequences.has(kind)) injected += 1;
      note(`[${kind}] ${text}`);
    },
    violate(text) {
      violations.push(text);
      note(`VIOLATION ${text}`);
    },
    lines,
    violations,
    faults,
    get injected() {
      return injected;
    },
  };
}
