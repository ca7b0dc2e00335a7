import { Observable, type Subscriber } from 'rxjs';
import type { ISyncEntity } from '../core/entity.ts';
import { checkMembers, checkOptionsOf, invalidOption, ofType, oneOf, type Checks } from '../core/option-checks.ts';
import type { LiveQuery, QueryOptions } from './collection.ts';
import type { ViewChange } from './observers.ts';
import { compareBy } from './order-by.ts';
import { createSortedRows, type SortedRows } from './sorted-rows.ts';

type Rows = readonly ISyncEntity[];

export interface QuerySource {
  all(): Iterable<ISyncEntity>;
  /** Grows with every change of a view. */
  version(): number;
  /** Every change so far has been told to the observers. */
  isTold(): boolean;
  /** Returns its end. */
  observe(listener: (changes: readonly ViewChange[]) => void): () => void;
}

/** A query that can be counted without being put in order. */
export interface CountedQuery extends LiveQuery<ISyncEntity> {
  /** Length of what `get` gives. */
  size(): number;
}

interface Live {
  readonly rows: SortedRows;
  readonly subscribers: Set<Subscriber<Rows>>;
  result: Rows;
  /** Of the source that the result is up to date with. */
  version: number;
  unobserve(): void;
}

type Order = Exclude<QueryOptions<ISyncEntity>['orderBy'], string | ((a: never, b: never) => number) | undefined>;

const text = ofType('string');

const checks: Checks<QueryOptions<ISyncEntity>> = {
  where: ofType('function'),
  orderBy(option, orderBy) {
    if (typeof orderBy === 'string' || typeof orderBy === 'function') return;
    checkMembers<Order>(option, orderBy, { field: text, direction: oneOf(['asc', 'desc']) });
  },
  limit(option, limit) {
    if (limit !== Infinity && !(Number.isInteger(limit) && limit >= 0))
      throw invalidOption(option, 'needs a whole number from 0');
  },
};

/**
 * A query that is kept up while somebody listens: a change costs the entity that changed, and one emission when it is among
 * the first `limit`. `where` runs once for each state of an entity, however often the query is read.
 *
 * Throws {@link SyncError} `invalid-option` for an option that is none or of another kind.
 */
export function createLiveQuery(source: QuerySource, options: QueryOptions<ISyncEntity> = {}): CountedQuery {
  checkOptionsOf('query', options, checks);
  const { limit = Infinity } = options;
  const matches = remember(options.where);
  const compare = compareBy(options.orderBy);
  let cached: { readonly version: number; readonly result: Rows } | null = null;
  let counted: { readonly version: number; readonly size: number } | null = null;
  let live: Live | null = null;

  const select = () => createSortedRows([...source.all()].filter(matches), compare);

  function get(): Rows {
    const version = source.version();
    if (live?.version === version) return live.result;
    if (cached?.version !== version) cached = { version, result: select().first(limit) };
    return cached.result;
  }

  function size(): number {
    const version = source.version();
    if (live?.version === version) return live.result.length;
    if (counted?.version !== version) counted = { version, size: Math.min(limit, count()) };
    return counted.size;
  }

  function count(): number {
    let matching = 0;
    for (const entity of source.all()) if (matches(entity)) matching += 1;
    return matching;
  }

  function goLive(): Live {
    const rows = select();
    const subscribers = new Set<Subscriber<Rows>>();
    const result = rows.first(limit);
    return { rows, subscribers, result, version: source.version(), unobserve: source.observe(update) };
  }

  function update(changes: readonly ViewChange[]): void {
    const current = live;
    if (!current) return;
    const { rows, subscribers } = current;
    try {
      const first = rows.update(
        changes.map(({ id, entity }) => ({ id, entity: entity && matches(entity) ? entity : null })),
      );
      if (first < limit) current.result = rows.first(limit);
      current.version = source.isTold() ? source.version() : Number.NaN;
      if (first < limit) for (const subscriber of [...subscribers]) subscriber.next(current.result);
    } catch (error) {
      for (const subscriber of [...subscribers]) subscriber.error(error);
    }
  }

  const result$ = new Observable<Rows>((subscriber) => {
    live ??= goLive();
    const { subscribers, unobserve } = live;
    subscribers.add(subscriber);
    subscriber.next(get());
    return () => {
      subscribers.delete(subscriber);
      if (subscribers.size > 0) return;
      unobserve();
      live = null;
    };
  });

  return { get, size, result$ };
}

function remember(where: QueryOptions<ISyncEntity>['where']): (entity: ISyncEntity) => boolean {
  if (!where) return () => true;
  const answers = new WeakMap<ISyncEntity, boolean>();
  return (entity) => {
    const known = answers.get(entity);
    if (known !== undefined) return known;
    const answer = Boolean(where(entity));
    answers.set(entity, answer);
    return answer;
  };
}
