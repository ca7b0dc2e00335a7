import type { AnyCollections, ISyncService } from '../../src/index.ts';

/** What all lives of all clients share: per life the number of its last row. */
export const tally = { collection: 'board', id: 'tally' } as const;

/** How many rows there are. Everybody changes the same field. */
export const counter = { collection: 'board', id: 'counter' } as const;

/** The options that make the workload's effects countable. */
export const collections = { rows: {}, board: { fields: { '/count': 'counter' } } } as const;

const deletesEvery = 4;
const deletesBack = 3;

/** The row that was deleted together with the making of this one, or null. */
export function deletedWith(id: string): string | null {
  const at = id.lastIndexOf('-') + 1;
  const number = Number(id.slice(at));
  return number % deletesEvery === 0 ? `${id.slice(0, at)}${number - deletesBack}` : null;
}

/** One life of a client, which counts what it writes. */
export interface Workload {
  /** What is shared is there. */
  readonly isReady: boolean;
  /**
   * Makes one row, counts it and leaves its number, and with some rows deletes an earlier one, all in one journal record.
   * Resolves with its id once it is durable.
   */
  write(): Promise<string>;
  /** What is shown: every row's id, and the tally. */
  shown(): Shown;
}

export interface Shown {
  readonly rows: readonly string[];
  readonly tally: Readonly<Record<string, unknown>> | null;
  readonly count: unknown;
}

/** `life`: a name that no other life of any client has. Tally and counter must be there before the first write. */
export function createWorkload(sync: ISyncService<AnyCollections>, life: string): Workload {
  let last = 0;
  return {
    async write() {
      const number = (last += 1);
      const id = `${life}-${number}`;
      const { durable } = sync.batch(() => {
        const [board, rows] = [sync.collection('board'), sync.collection('rows')];
        const old = deletedWith(id);
        if (old !== null) rows.delete(old);
        board.patch(tally.id, { [life]: number });
        board.patch(counter.id, (current) => ({ ...current, count: Number(current['count']) + 1 }));
        return rows.put({ id, number });
      });
      await durable;
      return id;
    },
    get isReady() {
      return sync.collection('board').has(tally.id) && sync.collection('board').has(counter.id);
    },
    shown() {
      const { updatedAt: _, version: __, ...counted } = sync.collection(tally.collection).get(tally.id) ?? {};
      return {
        rows: sync
          .collection('rows')
          .list()
          .map(({ id }) => id as string),
        tally: 'id' in counted ? counted : null,
        count: sync.collection('board').get(counter.id)?.['count'] ?? null,
      };
    },
  };
}
