import type { ChangePage, RemoteChange } from '../../core/record.ts';
import { expectThat, show } from '../conformance/expectations.ts';
import type { ApiClientBench } from './bench.ts';

/** Reads `changes` as the library does. */
export interface FeedReader {
  /** One page of the sample's collection, looked at. */
  page(cursor: string | null, limit: number): Promise<ChangePage>;
  /** All pages from a cursor to the end; from null, the snapshot and then what it says to read on from. */
  catchUp(cursor: string | null, limit: number): Promise<CaughtUp>;
}

/** What reading to the end gave. */
export interface CaughtUp {
  readonly pages: readonly ChangePage[];
  readonly changes: readonly RemoteChange[];
  /** The place to read on from. */
  readonly cursor: string;
}

const mostPages = 10_000;

/** A reader on a client that has `changes`. */
export function createFeedReader({ call, client, sample }: ApiClientBench): FeedReader {
  async function page(cursor: string | null, limit: number): Promise<ChangePage> {
    const asked = `changes({ cursor: ${show(cursor)}, limit: ${limit} })`;
    const answer = await call(asked, async (context) =>
      client.changes?.(sample.collection, { cursor, limit }, context),
    );
    const { changes, hasMore, cursor: next } = (answer ?? {}) as Partial<ChangePage>;
    const isPage = Array.isArray(changes) && typeof next === 'string' && typeof hasMore === 'boolean';
    expectThat(isPage, `${asked} resolved with ${show(answer)}; a page has changes, cursor and hasMore.`);
    expectThat(
      !(hasMore && next === cursor),
      `${asked} says that there is more, and gives the cursor that it was asked with.`,
    );
    for (const change of changes as readonly RemoteChange[]) expectChange(change, asked);
    return answer as ChangePage;
  }

  async function readTo(cursor: string | null, limit: number, pages: ChangePage[]): Promise<string> {
    let next = cursor;
    for (let read = 0; read < mostPages; read += 1) {
      const latest = await page(next, limit);
      pages.push(latest);
      if (!latest.hasMore) return latest.cursor;
      next = latest.cursor;
    }
    expectThat(false, `The feed has more than ${mostPages} pages of ${limit}, or never ends.`);
  }

  return {
    page,
    async catchUp(cursor, limit) {
      const pages: ChangePage[] = [];
      const end = await readTo(cursor, limit, pages);
      const [first] = pages;
      const replay = cursor === null && first?.snapshot === true ? (pages.at(-1)?.replayFrom ?? first.cursor) : end;
      const reached = replay === end ? end : await readTo(replay, limit, pages);
      return { pages, changes: pages.flatMap(({ changes }) => changes), cursor: reached };
    },
  };
}

/** Ends the check unless a change can be taken in. */
export function expectChange(change: RemoteChange, asked: string): void {
  const { collection, id, record, patch, baseVersion } = change ?? {};
  const isChange =
    typeof collection === 'string' && typeof id === 'string' && typeof record === 'object' && record !== null;
  expectThat(isChange, `${asked} gives the change ${show(change)}; it needs collection, id and record.`);
  const { entity, deleted } = record;
  const isTold = entity !== null && typeof entity === 'object' && entity.id === id && deleted !== true;
  const isGone = entity === null && patch === undefined;
  const isPatched = entity === null && patch !== undefined && baseVersion !== undefined && deleted !== true;
  expectThat(
    isTold || isGone || isPatched,
    `${asked} gives the change ${show(change)}; it needs the whole entity, or entity: null for a deletion, or a patch with its baseVersion.`,
  );
}
