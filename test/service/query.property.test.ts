import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AnyCollections, Collection, ISyncService, QueryOptions } from '../../src/index.ts';
import { commandsOf, expectSeen, runAsyncProperty } from '../core/run-property.ts';
import { createServiceWorld, type ServiceWorld } from '../support/service-world.ts';

interface Row {
  id: string;
  rank?: number | string | boolean | null;
  shown: boolean;
}
type Stored = Row & { updatedAt: string };

type Action =
  | { readonly type: 'put'; readonly row: Row }
  | { readonly type: 'delete'; readonly id: string }
  | { readonly type: 'receive'; readonly rows: readonly Row[] }
  | { readonly type: 'batch'; readonly rows: readonly Row[] }
  | { readonly type: 'tick' };

const id = fc.constantFrom('a', 'b', 'c', 'd', 'B', '10', '9', '😀', '\uFFFD');
const row: fc.Arbitrary<Row> = fc.record(
  { id, shown: fc.boolean(), rank: fc.constantFrom(1, 2, 3, 'x', 'y', true, null) },
  { requiredKeys: ['id', 'shown'] },
);
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('put' as const), row }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('delete' as const), id }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('receive' as const), rows: fc.array(row, { maxLength: 40 }) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('batch' as const), rows: fc.array(row, { maxLength: 40 }) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('tick' as const) }) },
);

const byRank = (a: Stored, b: Stored) =>
  (typeof a.rank === 'number' ? a.rank : 9) - (typeof b.rank === 'number' ? b.rank : 9);
const orders: readonly QueryOptions<Stored>['orderBy'][] = [
  undefined,
  'rank',
  { field: 'rank', direction: 'desc' },
  { field: 'id', direction: 'desc' },
  byRank,
];

/** The same, worked out from nothing. */
function expected(rows: readonly Stored[], { where, orderBy, limit }: QueryOptions<Stored>): string[] {
  const codeUnits = (a: string, b: string) => (a === b ? 0 : a < b ? -1 : 1);
  const place = ({ rank }: Stored) => (rank === undefined || rank === null ? 1 : 0);
  const values = (a: Stored, b: Stored): number => {
    const [x, y] = [a.rank, b.rank];
    if (x === y || place(a) + place(b) === 2) return 0;
    if (typeof x !== typeof y) return codeUnits(typeof x, typeof y);
    return (x as number) < (y as number) ? -1 : 1;
  };
  const compare = (a: Stored, b: Stored): number => {
    if (orderBy === 'rank') return place(a) - place(b) || values(a, b);
    if (typeof orderBy === 'function') return orderBy(a, b);
    if (typeof orderBy !== 'object') return 0;
    return orderBy.field === 'id' ? -codeUnits(a.id, b.id) : place(a) - place(b) || -values(a, b);
  };
  return rows
    .filter((each) => where?.(each) ?? true)
    .toSorted((a, b) => compare(a, b) || codeUnits(a.id, b.id))
    .slice(0, limit)
    .map((each) => each.id);
}

describe('live queries', () => {
  let world: ServiceWorld;
  let sync: ISyncService<AnyCollections>;
  let rows: Collection<Row>;
  beforeEach(async () => {
    world = createServiceWorld({ onLine: false });
    sync = await world.open();
    rows = sync.collection('rows');
  });
  afterEach(() => world.closeAll());

  it('show after any history what a query from nothing shows, read and live', async () => {
    let [emissions, nonEmpty, ticks] = [0, 0, 0];
    const property = fc.asyncProperty(
      commandsOf(action),
      fc.constantFrom(...orders),
      fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined }),
      async (actions, orderBy, limit) => {
        const own = createServiceWorld({ onLine: false });
        const service = await own.open();
        const all = service.collection('rows') as unknown as Collection<Row>;
        const options: QueryOptions<Stored> = {
          where: ({ shown }) => shown,
          ...(orderBy === undefined ? {} : { orderBy }),
          ...(limit === undefined ? {} : { limit }),
        };
        const live = all.query(options);
        const read = all.query(options);
        let shown: readonly Stored[] = [];
        let version = 0;
        live.result$.subscribe((result) => {
          shown = result as readonly Stored[];
          emissions += 1;
        });
        for (const each of actions) {
          if (each.type === 'put') all.put(each.row);
          else if (each.type === 'delete') all.delete(each.id);
          else if (each.type === 'batch') service.batch(() => each.rows.map((one) => all.put(one)));
          else if (each.type === 'tick') await own.settle();
          else
            void all.receive(
              each.rows.map((one) => ({
                entity: { ...one, updatedAt: '2026-01-01T00:00:00.000Z' } as Stored,
                version: (version += 1),
              })),
            );
          const truth = expected(all.list() as readonly Stored[], options);
          expect(read.get().map((one) => one.id)).toEqual(truth);
          expect(live.get().map((one) => one.id)).toEqual(truth);
          if (each.type !== 'tick') continue;
          expect(shown.map((one) => one.id)).toEqual(truth);
          expect(shown).toEqual(live.get());
          if (truth.length > 0) nonEmpty += 1;
          ticks += 1;
        }
        await own.settle();
        expect(shown.map((one) => one.id)).toEqual(expected(all.list() as readonly Stored[], options));
        await service.close();
      },
    );
    await runAsyncProperty(property, 200);
    expectSeen(emissions, 150);
    expectSeen(ticks, 100);
    expectSeen(nonEmpty, 20);
  });

  it('where runs only for entities that changed, live, read, and for a second reader', () => {
    for (let n = 0; n < 100; n += 1) rows.put({ id: `${n}`, shown: true });
    const asked: string[] = [];
    const query = rows.query({
      where: (each) => {
        asked.push(each.id);
        return each.shown;
      },
    });
    expect(query.get().length).toBe(100);
    expect(asked.splice(0).length).toBe(100);
    rows.patch('7', { shown: false });
    expect(query.get().length).toBe(99);
    expect(asked.splice(0)).toEqual(['7']);
    const ends = [query.result$.subscribe(), query.result$.subscribe()];
    expect(asked.splice(0)).toEqual([]);
    rows.patch('8', { shown: false });
    rows.put({ id: 'new', shown: true });
    query.get();
    expect(asked.splice(0)).toEqual(['8', 'new']);
    for (const end of ends) end.unsubscribe();
    rows.patch('9', { shown: false });
    expect(query.get().length).toBe(98);
    expect(asked).toEqual(['9']);
  });

  it('emits only when what it shows changes', () => {
    const results: string[][] = [];
    for (const each of ['a', 'b', 'c']) rows.put({ id: each, shown: true });
    rows.query({ where: ({ shown }) => shown, limit: 2 }).result$.subscribe((result) => {
      results.push(result.map((each) => each.id));
    });
    rows.put({ id: 'z', shown: true });
    rows.put({ id: 'y', shown: false });
    rows.patch('y', { rank: 1 });
    rows.delete('c');
    expect(results).toEqual([['a', 'b']]);
    rows.delete('a');
    rows.put({ id: 'A', shown: true });
    expect(results).toEqual([
      ['a', 'b'],
      ['b', 'z'],
      ['A', 'b'],
    ]);
  });

  it('gives the same object, read or told, until something changes', () => {
    rows.put({ id: 'a', shown: true });
    const query = rows.query({ where: ({ shown }) => shown });
    const told: unknown[] = [];
    const before = query.get();
    expect(query.get()).toBe(before);
    query.result$.subscribe((result) => told.push(result));
    rows.put({ id: 'b', shown: true });
    expect(told.at(-1)).toBe(query.get());
    expect(query.get()).toBe(query.get());
  });

  it('a where that throws ends its own stream, and the write goes on', async () => {
    const errors: unknown[] = [];
    const others: number[] = [];
    rows
      .query({
        where: ({ rank }) => {
          if (rank === 'x') throw new Error('cannot say');
          return true;
        },
      })
      .result$.subscribe({ error: (error: Error) => errors.push(error.message) });
    rows.all$().subscribe((all) => others.push(all.length));
    const write = rows.put({ id: 'a', rank: 'x', shown: true });
    expect({ errors, others, status: rows.status('a') }).toEqual({
      errors: ['cannot say'],
      others: [0, 1],
      status: 'pending',
    });
    await write.durable;
  });

  it.each([-1, 1.5, Number.NaN, '3' as unknown as number])('refuses %s as a limit', (limit) => {
    expect(() => rows.query({ limit })).toThrow(expect.objectContaining({ code: 'invalid-option', path: '/limit' }));
  });

  it('a query that was subscribed before the data was loaded shows all of it, in one go', async () => {
    for (let n = 0; n < 200; n += 1) rows.put({ id: `${n}`.padStart(3, '0'), shown: n % 2 === 0 });
    await rows.put({ id: 'last', shown: true }).durable;
    await sync.close();
    const second = world.create().collection('rows');
    const sizes: number[] = [];
    second.query({ where: ({ shown }) => shown }).result$.subscribe((result) => sizes.push(result.length));
    await world.settle();
    expect(sizes).toEqual([0, 101]);
  });
});
