import { createHash } from 'node:crypto';
import { hooksAtOnce } from './hooks.ts';
import { mapLimited } from './map-limited.ts';
import type { Principal } from './options.ts';
import type { FanOut } from './ports/fan-out.ts';
import type { Store, StoredRepeat } from './ports/store.ts';
import { createProblem } from './problem.ts';
import { formatContent, type WriteRequest } from './write-request.ts';
import { createCommitter } from './commit.ts';
import { judgeLane, type Judge, type Lane, type LaneSituation, type WriteItem, type WriteResult } from './judge.ts';

/** Carries out writes. */
export interface Writer {
  /**
   * Carries out writes and resolves with one result for each, in their order. The first failure of an entity stops that entity,
   * the others go on. What is applied is stored, with its repeat record and its feed row, in one transaction.
   */
  write(principal: Principal, requests: readonly WriteRequest[]): Promise<readonly WriteResult[]>;
}

const roundsMax = 10;

/**
 * The app's hooks may take their time, so writes are judged outside of any transaction, on a consistent read, and
 * committed only if nothing they were judged on has changed; what has changed is judged again.
 */
export function createWriter(ports: { readonly store: Store; readonly fanOut: FanOut; readonly judge: Judge }): Writer {
  const { store, fanOut, judge } = ports;
  const keysInFlight = new Set<string>();
  const committer = createCommitter(store);

  const writeRound = async (principal: Principal, lanes: readonly Lane[]): Promise<void> => {
    const situations = await store.read(async (reader) => {
      const found: LaneSituation[] = [];
      for (const lane of lanes) {
        const stored = await reader.entity(lane.collection, lane.id);
        const repeats = new Map<string, StoredRepeat | null>();
        for (const { request } of lane.items) {
          repeats.set(request.idempotencyKey, await reader.repeat(principal.id, request.idempotencyKey));
        }
        found.push({ lane, stored, repeats });
      }
      return found;
    });
    const judged = await mapLimited(situations, hooksAtOnce, (situation) => judgeLane(judge, principal, situation));
    const verdicts = judged.flat().toSorted((a, b) => a.item.index - b.item.index);
    const changed = await committer.commit(principal, verdicts);
    if (changed.length > 0) fanOut.publish(changed);
  };

  return {
    async write(principal, requests) {
      const items = requests.map(toItem);
      const taken = takeKeys(keysInFlight, principal, items);
      try {
        for (let round = 1; round <= roundsMax; round += 1) {
          const open = items.filter(({ result }) => result === null);
          if (open.length === 0) break;
          await writeRound(principal, toLanes(items));
        }
      } finally {
        for (const key of taken) keysInFlight.delete(key);
      }
      return items.map(({ result }) => result ?? { problem: createProblem('unavailable') });
    },
  };
}

function toItem(request: WriteRequest, index: number): WriteItem {
  const fingerprint = createHash('sha256').update(formatContent(request)).digest('base64url');
  return { index, request, fingerprint, result: null };
}

/** A key that is being worked on elsewhere, or twice in one batch, is refused for now. */
function takeKeys(keysInFlight: Set<string>, principal: Principal, items: readonly WriteItem[]): readonly string[] {
  const taken: string[] = [];
  for (const item of items) {
    const key = JSON.stringify([principal.id, item.request.idempotencyKey]);
    if (keysInFlight.has(key)) {
      item.result = { problem: createProblem('in-flight') };
    } else {
      keysInFlight.add(key);
      taken.push(key);
    }
  }
  return taken;
}

/** The requests of one entity, in order, without those of entities that are done. */
function toLanes(items: readonly WriteItem[]): readonly Lane[] {
  const lanes = new Map<string, Lane & { items: WriteItem[] }>();
  for (const item of items) {
    const { collection, id } = item.request;
    const place = `${collection}/${id}`;
    const lane = lanes.get(place) ?? { collection, id, items: [] };
    lane.items.push(item);
    lanes.set(place, lane);
  }
  return [...lanes.values()].filter((lane) => lane.items.some(({ result }) => result === null));
}
