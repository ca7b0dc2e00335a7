import type { SyncRequest } from '../../../src/core/operation.ts';
import type { SyncState } from '../../../src/service/state.ts';
import type { Trace } from './trace.ts';

/** Watches what one client sends. */
export interface WriteWatch {
  /** Requests leave. Returns what to call when they are answered or given up. */
  begin(requests: readonly SyncRequest[]): () => void;
  /** Every key that this client or another tab of its device ever sent. */
  readonly keys: ReadonlySet<string>;
  /** A new process: what the one before had in flight is of no concern to it. */
  reset(state: () => SyncState | null): void;
}

const holding = ['paused', 'needs-auth', 'not-leader', 'captive', 'misconfigured'] as const;

/** Watches a client by name, and adds what it sends to `keys`. */
export function createWriteWatch(client: string, trace: Trace, keys: Set<string>): WriteWatch {
  let inFlight = new Set<string>();
  let stateNow: () => SyncState | null = () => null;

  return {
    begin(requests) {
      const flight = inFlight;
      const blockers = stateNow()?.blockers ?? [];
      const held = holding.filter((blocker) => blockers.includes(blocker));
      if (held.length > 0) trace.violate(`S26 ${client} sends although ${held.join(', ')}`);
      const entities = requests.map(({ collection, entityId }) => `${collection}/${entityId}`);
      for (const entity of entities) {
        if (flight.has(entity)) trace.violate(`S2 ${client} has two requests of ${entity} in flight`);
        flight.add(entity);
      }
      for (const { idempotencyKey } of requests) keys.add(idempotencyKey);
      return () => {
        for (const entity of entities) flight.delete(entity);
      };
    },
    keys,
    reset(state) {
      inFlight = new Set();
      stateNow = state;
    },
  };
}
