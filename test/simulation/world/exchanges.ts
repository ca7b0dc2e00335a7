import { RateLimitedError, UnauthorizedError } from '../../../src/core/errors.ts';
import type { SyncRequest } from '../../../src/core/operation.ts';
import type { WorldShape } from '../fault-plan.ts';
import type { Trace } from './trace.ts';

/** What each device knows of what became of its requests. */
export interface Exchanges {
  /** `process`: `c1a/2` of the device c1. */
  sent(requests: readonly SyncRequest[], process: string): void;
  /** Of requests that got no answer of their own. */
  failed(requests: readonly SyncRequest[], error: unknown): void;
  answered(key: string): void;
  /** A definite no arrived. */
  refused(key: string): void;
  /** A device was shown what is there, as it was when so many changes had been made. */
  looked(collection: string, id: string, process: string, changes: number): void;
  /** What was refused, and doubled on its way, may take effect after all: that is news. */
  wasRefused(key: string): boolean;
  /** How many changes had been made when the device that sent a request had last been shown its entity before that. */
  changesSeen(key: string): number;
  /** Whether the device that sent both heard no answer to the earlier one, or one that it may not have kept: its process ended. */
  isInDoubt(earlier: string, later: string): boolean;
}

interface Exchange {
  readonly process: string;
  readonly device: string;
  readonly entity: string;
  readonly changesSeen: number;
  state: 'out' | 'refused' | 'looked-for' | 'answered';
}

/**
 * S5: where a repeat is not recognised, nothing is sent again before the device has looked what became of it. Where locks do not
 * lock, a tab that slept between its look and its request knows nothing of what another sent meanwhile.
 */
export function createExchanges({ backend: kind, locks }: WorldShape, trace: Trace): Exchanges {
  const exchanges = new Map<string, Exchange>();
  const looks = new Map<string, number>();
  const refused = new Set<string>();
  return {
    sent(requests, process) {
      const device = deviceOf(process);
      for (const { idempotencyKey, collection, entityId } of requests) {
        const entity = `${collection}/${entityId}`;
        const before = exchanges.get(idempotencyKey);
        if (
          kind !== 'idempotent' &&
          before?.state === 'out' &&
          (locks === 'working' || tabOf(before.process) === tabOf(process))
        )
          trace.violate(`S5 ${process} sends ${entity} again without a look at what became of it`);
        exchanges.set(idempotencyKey, {
          process,
          device,
          entity,
          changesSeen: looks.get(`${device} ${entity}`) ?? Infinity,
          state: 'out',
        });
      }
    },
    failed(requests, error) {
      if (!(error instanceof UnauthorizedError || error instanceof RateLimitedError)) return;
      for (const { idempotencyKey } of requests) {
        const exchange = exchanges.get(idempotencyKey);
        if (exchange) exchange.state = 'refused';
      }
    },
    answered(key) {
      const exchange = exchanges.get(key);
      if (exchange) exchange.state = 'answered';
    },
    refused(key) {
      refused.add(key);
    },
    looked(collection, id, process, changes) {
      if (kind === 'idempotent') return;
      looks.set(`${deviceOf(process)} ${collection}/${id}`, changes);
      for (const exchange of exchanges.values()) {
        const isMeant = exchange.device === deviceOf(process) && exchange.entity === `${collection}/${id}`;
        if (!isMeant || exchange.state !== 'out') continue;
        exchange.state = 'looked-for';
        trace.fault('outcome looked for', `${process} ${exchange.entity}`);
      }
    },
    wasRefused: (key) => refused.has(key),
    changesSeen: (key) => exchanges.get(key)?.changesSeen ?? Infinity,
    isInDoubt(earlier, later) {
      const [before, after] = [exchanges.get(earlier), exchanges.get(later)];
      if (before?.device !== after?.device) return false;
      return before?.state !== 'answered' || before.process !== after?.process;
    },
  };
}

function tabOf(process: string): string {
  return process.slice(0, process.indexOf('/'));
}

function deviceOf(process: string): string {
  return /^c\d+/.exec(process)?.[0] ?? process;
}
