import type { FeedRow } from './world/feed.ts';
import { isCounted, marksOf, originOf } from './world/simulated-entity.ts';
import type { World } from './world/world.ts';

/** A mark that a change took away, and which change. */
export interface Removal {
  readonly mark: string;
  readonly row: FeedRow;
}

/** What took effect on the backend, looked at change by change. */
export interface EffectLedger {
  /** Whether the write that made the mark ever took effect. */
  hasApplied(mark: string): boolean;
  /** Whether a change ever took the mark away. */
  hasRemoved(mark: string): boolean;
  /** Marks that a change took away, since the last time this was asked. */
  takeRemovals(): readonly Removal[];
  /** Deletions, and changes against a state that nobody knows any more, make the count of an entity a matter of opinion. */
  stopCounting(collection: string, id: string): void;
}

/** Looks at every change from now on. */
export function createEffectLedger({ backend, trace, shape }: World): EffectLedger {
  /** Other strategies take one side whole, and field policies have no say. */
  const countsAddUp = shape.strategy === 'merge';
  const applied = new Set<string>();
  const removed = new Set<string>();
  const lastIndexes = new Map<string, number>();
  const uncounted = new Set<string>();
  let removals: Removal[] = [];

  const noteMark = (entityKey: string, mark: string): void => {
    applied.add(mark);
    const { client, index } = originOf(mark);
    const last = lastIndexes.get(`${client} ${entityKey}`) ?? 0;
    if (index < last) trace.violate(`G3 ${mark} of ${entityKey} took effect after ${client}-${last}`);
    lastIndexes.set(`${client} ${entityKey}`, Math.max(last, index));
  };

  backend.applied$.subscribe((row) => {
    const { record, previous, request } = row;
    const entityKey = `${request.collection}/${request.entityId}`;
    const marks = marksOf(record.entity);
    const present = new Set(marks);
    if (present.size < marks.length) trace.violate(`G2 ${entityKey} shows a write twice: ${marks.join(' ')}`);
    const fresh = marks.filter((mark) => !applied.has(mark)).sort((a, b) => originOf(a).index - originOf(b).index);
    for (const mark of fresh) noteMark(entityKey, mark);
    for (const mark of marksOf(previous?.entity)) {
      if (present.has(mark)) continue;
      removed.add(mark);
      removals.push({ mark, row });
    }
    const { count } = (record.entity ?? {}) as { count?: number };
    const counted = marks.filter(isCounted).length;
    if (countsAddUp && record.entity && !uncounted.has(entityKey) && count !== counted) {
      trace.violate(`G2 ${entityKey} counts ${count}, but shows ${counted} counted writes`);
    }
  });

  return {
    hasApplied: (mark) => applied.has(mark),
    hasRemoved: (mark) => removed.has(mark),
    takeRemovals() {
      const taken = removals;
      removals = [];
      return taken;
    },
    stopCounting(collection, id) {
      uncounted.add(`${collection}/${id}`);
    },
  };
}
