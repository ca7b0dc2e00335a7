import type { SyncRequest } from '../../../src/core/operation.ts';
import type { SyncState } from '../../../src/service/state.ts';
import type { Trace } from './trace.ts';

/** Watches what one client sends. */
export interface WriteWatch {
  /** Requests leave. Returns what to call when they are answered or given up. */
  begin(requests: readonly SyncRequest[]): () => void;
  /** Requests are over: what became of them was looked for, in this client or another tab of its device. */
  lookedFor(requestKeys: readonly string[]): void;
  /** Every key that this client or another tab of its device ever sent while it had the disk. */
  readonly keys: ReadonlySet<string>;
  /** Whether this client ever sent a request of that key, also with nothing but its memory. */
  hasSent(key: string): boolean;
  /** A new process: what the one before had in flight is of no concern to it. */
  reset(state: () => SyncState | null): void;
}

const holding = ['offline', 'paused', 'needs-auth', 'not-leader', 'captive', 'misconfigured'] as const;

/** What the tabs of a device have in common. */
export interface SharedWatch {
  /** Every key that one of them ever sent. */
  readonly keys: Set<string>;
  /** Keys of requests that came to an end in one of them: what is out of them still was sent under an earlier lead. */
  readonly ended: Set<string>;
  /** One of them may lead again before what it had sent is answered: it is sent again, under the same key. */
  readonly hasTabs: boolean;
}

/** Watches a client by name. */
export function createWriteWatch(client: string, trace: Trace, { keys, ended, hasTabs }: SharedWatch): WriteWatch {
  let inFlight = new Map<string, string>();
  const sentKeys = new Set<string>();
  let stateNow: () => SyncState | null = () => null;

  return {
    begin(requests) {
      const flight = inFlight;
      const blockers = stateNow()?.blockers ?? [];
      const held = holding.filter((blocker) => blockers.includes(blocker));
      if (held.length > 0) trace.violate(`S26 ${client} sends although ${held.join(', ')}`);
      const sent = requests.map(({ collection, entityId, idempotencyKey }) => ({
        entity: `${collection}/${entityId}`,
        key: idempotencyKey,
      }));
      for (const { entity, key } of sent) {
        const before = flight.get(entity);
        const isOver = hasTabs && before !== undefined && (before === key || ended.has(before));
        if (before !== undefined && !isOver) trace.violate(`S2 ${client} has two requests of ${entity} in flight`);
        flight.set(entity, key);
        sentKeys.add(key);
        if (stateNow()?.durable !== false) keys.add(key);
      }
      return () => {
        for (const { entity, key } of sent) {
          flight.delete(entity);
          ended.add(key);
        }
      };
    },
    lookedFor(requestKeys) {
      for (const key of requestKeys) ended.add(key);
    },
    keys,
    hasSent: (key) => sentKeys.has(key),
    reset(state) {
      inFlight = new Map();
      stateNow = state;
    },
  };
}
