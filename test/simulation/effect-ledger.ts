import type { FeedRow } from './world/feed.ts';
import { isCounted, marksOf, originOf } from './world/simulated-entity.ts';
import type { World } from './world/world.ts';

/** A mark that a change took away, and which change. */
export interface Removal {
  readonly mark: string;
  readonly row: FeedRow;
  /** The change that had brought the mark, as one of so many. */
  readonly broughtBy: number;
}

/** What took effect on the backend, looked at change by change. */
export interface EffectLedger {
  /** Whether the write that made the mark ever took effect. */
  hasApplied(mark: string): boolean;
  /** Whether a change that the backend still knows took the mark away. */
  hasRemoved(mark: string): boolean;
  /** Whether any change ever did. */
  hasEverRemoved(mark: string): boolean;
  /** Whether it made an entity again that had been deleted. */
  hasMadeAnew(mark: string): boolean;
  /** Whether the backend lost it, and came back without it. */
  hasLost(mark: string): boolean;
  /** The how-many-eth time that it came back with less was the first without the mark; Infinity: it never lost it. */
  restoreWithout(mark: string): number;
  /** The deletions of an entity that the backend lost, by their keys. */
  lostDeletions(collection: string, id: string): readonly string[];
  /** Marks that a change took away, since the last time this was asked. */
  takeRemovals(): readonly Removal[];
  /** Deletions, and changes against a state that nobody knows any more, make the count of an entity a matter of opinion. */
  stopCounting(collection: string, id: string): void;
  /** The app took its own side whole, over one with these marks. */
  noteDecidedOver(collection: string, id: string, marks: readonly string[]): void;
}

/** Looks at every change from now on. */
export function createEffectLedger({ backend, trace, shape, exchanges }: World): EffectLedger {
  /** Other strategies take one side whole, and field policies have no say. */
  const countsAddUp = shape.strategy === 'merge';
  const applied = new Set<string>();
  const removed = new Set<string>();
  const everRemoved = new Set<string>();
  const madeAnew = new Set<string>();
  const lastIndexes = new Map<string, number>();
  const uncounted = new Set<string>();
  const decidedOver = new Map<string, string[]>();
  const lost = new Map<string, number>();
  let restores = 0;
  const broughtBy = new Map<string, number>();
  const lostDeletions: FeedRow[] = [];
  const rows: FeedRow[] = [];
  let removals: Removal[] = [];

  const noteMark = (entityKey: string, mark: string): void => {
    applied.add(mark);
    const { client, index } = originOf(mark);
    const last = lastIndexes.get(`${client} ${entityKey}`) ?? 0;
    // What the backend lost may come back with what another client made of it.
    if (index < last && !lost.has(mark))
      trace.violate(`G3 ${mark} of ${entityKey} took effect after ${client}-${last}`);
    lastIndexes.set(`${client} ${entityKey}`, Math.max(last, index));
  };

  const stopCounting = (collection: string, id: string): void => {
    uncounted.add(`${collection}/${id}`);
  };
  /** Returns the marks that it took away. */
  const noteEffects = ({ record, previous, request }: FeedRow): readonly string[] => {
    const marks = marksOf(record.entity);
    const fresh = marks.filter((mark) => !applied.has(mark)).sort((a, b) => originOf(a).index - originOf(b).index);
    for (const mark of fresh) noteMark(`${request.collection}/${request.entityId}`, mark);
    if (previous?.entity === null) for (const mark of fresh) madeAnew.add(mark);
    const taken = marksOf(previous?.entity).filter((mark) => !marks.includes(mark));
    for (const mark of taken) {
      removed.add(mark);
      everRemoved.add(mark);
    }
    return taken;
  };

  /** Where repeats are not recognised, what was done and not answered is a conflict with what came after it: a counter counts it again. */
  const mayCountTwice = ({ request: { collection, entityId, idempotencyKey } }: FeedRow): boolean =>
    shape.backend !== 'idempotent' &&
    rows.some(
      ({ request }) =>
        request.collection === collection &&
        request.entityId === entityId &&
        request.idempotencyKey !== idempotencyKey &&
        exchanges.isInDoubt(request.idempotencyKey, idempotencyKey),
    );

  /** What the app set a count to was meant over what the backend lost (S39). */
  const isDecidedOverLost = (entityKey: string): boolean =>
    decidedOver.get(entityKey)?.some((mark) => lost.has(mark)) === true;

  backend.applied$.subscribe((row) => {
    const { record, request } = row;
    const entityKey = `${request.collection}/${request.entityId}`;
    const marks = marksOf(record.entity);
    if (new Set(marks).size < marks.length) trace.violate(`G2 ${entityKey} shows a write twice: ${marks.join(' ')}`);
    rows.push(row);
    removals.push(...noteEffects(row).map((mark) => ({ mark, row, broughtBy: broughtBy.get(mark) ?? 0 })));
    for (const mark of marks) if (!marksOf(row.previous?.entity).includes(mark)) broughtBy.set(mark, row.position);
    const { count } = (record.entity ?? {}) as { count?: number };
    const counted = marks.filter(isCounted).length;
    if (countsAddUp && record.entity && !uncounted.has(entityKey) && count !== counted) {
      if (mayCountTwice(row) || isDecidedOverLost(entityKey)) return stopCounting(request.collection, request.entityId);
      trace.violate(`G2 ${entityKey} counts ${count}, but shows ${counted} counted writes`);
    }
  });

  backend.restored$.subscribe((gone) => {
    const before = [...applied];
    for (const seen of [applied, removed, lastIndexes]) seen.clear();
    rows.splice(rows.length - gone.length);
    for (const row of rows) noteEffects(row);
    restores += 1;
    for (const mark of before) if (!applied.has(mark) && !lost.has(mark)) lost.set(mark, restores);
    // An update that is there and was not answered is made anew, and counts twice (S39).
    const uncertain = rows.filter(({ request }) => request.type === 'update');
    const without = gone.filter(({ request }) => !backend.get(request.collection, request.entityId)?.entity);
    for (const { request } of [...uncertain, ...without]) stopCounting(request.collection, request.entityId);
    lostDeletions.push(...gone.filter(takesAway));
  });

  return {
    hasApplied: (mark) => applied.has(mark),
    hasRemoved: (mark) => removed.has(mark),
    hasEverRemoved: (mark) => everRemoved.has(mark),
    hasMadeAnew: (mark) => madeAnew.has(mark),
    hasLost: (mark) => lost.has(mark),
    restoreWithout: (mark) => lost.get(mark) ?? Infinity,
    lostDeletions: (collection, id) =>
      lostDeletions
        .map(({ request }) => request)
        .filter((request) => request.collection === collection && request.entityId === id)
        .map(({ idempotencyKey }) => idempotencyKey),
    takeRemovals() {
      const taken = removals;
      removals = [];
      return taken;
    },
    stopCounting,
    noteDecidedOver(collection, id, marks) {
      const entityKey = `${collection}/${id}`;
      decidedOver.set(entityKey, [...(decidedOver.get(entityKey) ?? []), ...marks]);
    },
  };
}

/** A deletion, or what is made of a deletion and what was created after it. */
function takesAway({ record, previous }: FeedRow): boolean {
  const left = marksOf(record.entity);
  return record.entity === null || marksOf(previous?.entity).some((mark) => !left.includes(mark));
}
