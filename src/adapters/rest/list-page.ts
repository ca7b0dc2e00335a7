import type { Version } from '../../core/entity.ts';
import { BadResponseError, MisconfiguredError } from '../../core/errors.ts';
import type { RemoteChange, ServerRecord } from '../../core/record.ts';
import type { RequestContext } from '../../ports/api-client.ts';
import type { RestCollection } from './collection-settings.ts';
import type { RestAnswer, RestExchange } from './exchange.ts';
import type { RestList } from './list-settings.ts';
import { memberAt } from './member.ts';
import { nextPageOf, type NextPage } from './next-page.ts';
import type { RestListQuery } from './options.ts';
import { idOf, isTrue, readRow, timeOf, toRecord, versionOf } from './row.ts';
import type { SeenVersions } from './seen-versions.ts';
import type { ListWatch, WriteWatch } from './write-watch.ts';

/** A list that is read, and what of it. */
export interface Listing {
  readonly name: string;
  readonly collection: RestCollection;
  readonly list: RestList;
  readonly limit: number;
  readonly context: RequestContext;
}

/** One row of a list as a change. */
export interface ListedRow {
  readonly change: RemoteChange;
  /** The time of change as it was told. */
  readonly toldTime: string | number | null;
}

/** One page of a list, and what it tells of the rest. */
export interface ListPage {
  readonly rows: readonly ListedRow[];
  readonly next: NextPage | null;
  /** Null: not told. */
  readonly more: boolean | null;
  /** Of all rows; null: not told. */
  readonly total: number | null;
}

/** Reads one page of a list. What may be older than a write of this client, or has no version, says only that there is something. */
export interface ListReader {
  read(
    listing: Listing,
    query: Omit<RestListQuery, 'collection' | 'limit' | 'cursor'>,
    from: NextPage | null,
  ): Promise<ListPage>;
  /** Now, by the backend's clock as far as it is known. */
  now(): number;
}

/** What lists are read with. */
export interface ListReaderParts {
  readonly exchange: RestExchange;
  /** The base address. */
  base(): string;
  readonly seen: SeenVersions;
  readonly watch: WriteWatch;
}

/** Reads lists. A page rejects with what the exchange rejects with, and with `bad-response` for rows that are no entities. */
export function createListReader({ exchange, base, seen, watch }: ListReaderParts): ListReader {
  return {
    now: () => exchange.now(),
    async read(listing, query, from) {
      const { name, collection, list, limit, context } = listing;
      if (from !== null && 'token' in from && !list.takesCursor) {
        throw new MisconfiguredError({ message: `The path of the list of ${name} has no place for {cursor}.` });
      }
      const cursor = from !== null && 'token' in from ? from.token : null;
      const path =
        from !== null && 'path' in from ? from.path : list.path({ ...query, collection: name, limit, cursor });
      const listWatch = watch.open(name);
      try {
        const answer = await exchange.send({ method: 'GET', path }, context.clientId, context.signal);
        const rows = memberAt(answer.body, list.rows);
        if (!Array.isArray(rows)) throw new BadResponseError('The answer holds no list. Check the option `list.rows`.');
        return {
          rows: (rows as readonly unknown[]).map((row) =>
            readListedRow({ name, collection, list, seen, listWatch }, row),
          ),
          next: nextPageOf(answer, list, base()),
          more: list.more === null ? null : isTrue(memberAt(answer.body, list.more)),
          total: totalOf(answer, list),
        };
      } finally {
        listWatch.close();
      }
    },
  };
}

interface RowRules extends Pick<Listing, 'name' | 'collection' | 'list'> {
  readonly seen: SeenVersions;
  readonly listWatch: ListWatch;
}

/** That there is something of an entity, and no more: it is asked for by itself. */
const something: ServerRecord = { entity: null, deleted: false };

function readListedRow({ name, collection, list, seen, listWatch }: RowRules, value: unknown): ListedRow {
  const entity = memberAt(value, list.entity);
  if (list.deleted !== null && isTrue(memberAt(value, list.deleted))) {
    return readGoneRow({ name, collection, list, seen, listWatch }, value);
  }
  const row = readRow(collection, entity);
  const { kind } = collection.version;
  const version = list.version === null ? row.version : versionOf(memberAt(value, list.version), collection.version);
  if (version === null && kind === 'field' && !row.isDeleted) {
    throw new BadResponseError(`${name}/${row.id} has no version. Check the options \`version\` and \`list.version\`.`);
  }
  const known = kind === 'none' ? null : (version ?? (kind === 'etag' ? seen.find(name, row) : null));
  const isTold = known !== null || row.isDeleted || kind === 'none';
  const record = isTold && !listWatch.wasWritten(row.id) ? toRecord(row, known) : something;
  return { change: { collection: name, id: row.id, record }, toldTime: row.toldTime };
}

/** A deleted row need not hold more than its id, and its time where the list goes by time. */
function readGoneRow({ name, collection, list, listWatch }: RowRules, value: unknown): ListedRow {
  const entity = memberAt(value, list.entity);
  const id = idOf(list.id === null ? memberAt(entity, collection.id) : memberAt(value, list.id));
  if (id === null) throw new BadResponseError('A deleted row has no id. Check the option `list.id`.');
  const record = { entity: null, deleted: true, ...goneVersion({ collection, list }, value) };
  const toldTime = collection.updatedAt === null ? null : timeOf(memberAt(entity, collection.updatedAt));
  return { change: { collection: name, id, record: listWatch.wasWritten(id) ? something : record }, toldTime };
}

function goneVersion(
  { collection, list }: Pick<RowRules, 'collection' | 'list'>,
  value: unknown,
): { version?: Version } {
  const { version } = collection;
  const inEntity = version.kind === 'field' ? memberAt(memberAt(value, list.entity), version.tokens) : undefined;
  const told = versionOf(list.version === null ? inEntity : memberAt(value, list.version), version);
  return version.kind === 'none' || told === null ? {} : { version: told };
}

function totalOf(answer: RestAnswer, { total }: RestList): number | null {
  if (total === null) return null;
  const told = 'header' in total ? answer.header(total.header) : memberAt(answer.body, total.tokens);
  const count = typeof told === 'string' && /^\d{1,15}$/.test(told) ? Number(told) : told;
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : null;
}
