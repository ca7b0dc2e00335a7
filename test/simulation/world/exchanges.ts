import { RateLimitedError, UnauthorizedError } from '../../../src/core/errors.ts';
import type { SyncRequest } from '../../../src/core/operation.ts';
import type { WorldShape } from '../fault-plan.ts';
import type { VirtualProcess } from './process.ts';
import type { Trace } from './trace.ts';

/** What each device knows of what became of its requests. */
export interface Exchanges {
  sent(requests: readonly SyncRequest[], process: VirtualProcess): void;
  /** Of requests that got no answer of their own. */
  failed(requests: readonly SyncRequest[], error: unknown): void;
  answered(key: string): void;
  /** A definite no arrived. */
  refused(key: string): void;
  /**
   * A device was shown what is there, as it was when so many changes had been made. `stops`: how often the process had slept when
   * it asked. Returns the keys of what was looked for.
   */
  looked(collection: string, id: string, process: VirtualProcess, at: Look): readonly string[];
  /** What was refused, and doubled on its way, may take effect after all: that is news. */
  wasRefused(key: string): boolean;
  /** How many changes had been made when the device that sent a request had last been shown its entity before that. */
  changesSeen(key: string): number;
  /** Whether the device that sent both heard no answer to the earlier one, or one that it may not have kept: its process ended. */
  isInDoubt(earlier: string, later: string): boolean;
}

interface Look {
  readonly changes: number;
  readonly stops: number;
}

interface Exchange {
  /** `c1a/2` of the device c1. */
  readonly process: string;
  readonly device: string;
  readonly entity: string;
  readonly changesSeen: number;
  /** Those of the device that stood still when it was sent. */
  readonly sleepers: ReadonlySet<VirtualProcess>;
  /** Whether its process had slept since it looked: another tab may have looked meanwhile, and knows nothing of it. */
  readonly isBlind: boolean;
  state: 'out' | 'refused' | 'looked-for' | 'answered';
}

/**
 * S5: where a repeat is not recognised, nothing is sent again before the device has looked what became of it. A tab that slept
 * between its look and its request knows nothing of what another sent meanwhile, nor does that one know of what it sends then;
 * and where locks do not lock, no tab knows of another.
 */
export function createExchanges({ backend: kind, locks }: WorldShape, trace: Trace): Exchanges {
  const exchanges = new Map<string, Exchange>();
  const looks = new Map<string, number>();
  const refused = new Set<string>();
  const processes = new Map<string, VirtualProcess>();
  /** How often a process had slept when it last asked what is there. */
  const stopsAtLook = new Map<string, number>();
  const mayNotKnow = (process: VirtualProcess, { sleepers, isBlind }: Exchange): boolean =>
    locks !== 'working' || isBlind || sleepers.has(process);
  return {
    sent(requests, process) {
      const { name } = process;
      const device = deviceOf(name);
      processes.set(tabOf(name), process);
      const sleepers = new Set(
        [...processes.values()].filter((each) => each.isFrozen && deviceOf(each.name) === device),
      );
      for (const { idempotencyKey, collection, entityId } of requests) {
        const entity = `${collection}/${entityId}`;
        const before = exchanges.get(idempotencyKey);
        if (
          kind !== 'idempotent' &&
          before?.state === 'out' &&
          (tabOf(before.process) === tabOf(name) || !mayNotKnow(process, before))
        )
          trace.violate(`S5 ${name} sends ${entity} again without a look at what became of it`);
        exchanges.set(idempotencyKey, {
          process: name,
          device,
          entity,
          changesSeen: looks.get(`${device} ${entity}`) ?? Infinity,
          sleepers,
          isBlind: process.stops > (stopsAtLook.get(`${name} ${entity}`) ?? 0),
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
    looked(collection, id, process, { changes, stops }) {
      if (kind === 'idempotent') return [];
      const { name } = process;
      const device = deviceOf(name);
      processes.set(tabOf(name), process);
      looks.set(`${device} ${collection}/${id}`, changes);
      stopsAtLook.set(`${name} ${collection}/${id}`, stops);
      const isMeant = ({ state, device: of, entity }: Exchange): boolean =>
        state === 'out' && of === device && entity === `${collection}/${id}`;
      const meant = [...exchanges].filter(([, exchange]) => isMeant(exchange));
      for (const [, exchange] of meant) {
        exchange.state = 'looked-for';
        trace.fault('outcome looked for', `${name} ${exchange.entity}`);
      }
      return meant.map(([key]) => key);
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
