import type { Clock } from '../../ports/environment.ts';
import type { TokenProvider } from '../../ports/token.ts';
import type { FetchFunction } from '../http/call.ts';

/** What a path function of one entity is given. */
export interface RestPlace {
  readonly collection: string;
  readonly id: string;
}

/** What a path function of a list is given; null: nothing of the kind yet. */
export interface RestListQuery {
  readonly collection: string;
  readonly limit: number;
  /** Number of the page, beginning at `firstPage`. */
  readonly page: number;
  readonly offset: number;
  /** Id of the last row of the page before. */
  readonly after: string | null;
  /** Time from which on changes are asked for: milliseconds where the backend tells numbers, else ISO 8601 in UTC with milliseconds. */
  readonly since: string | null;
  /** What the backend told to read on with. */
  readonly cursor: string | null;
}

/** The version in a field of the entity. */
export interface RestVersionField {
  /** JSON Pointer. The field is metadata then: no part of the entity's content. */
  pointer: string;
  /** How a write says what it was made on: as `If-Match: "…"` (default), in the body, or not at all. */
  send?: 'if-match' | 'body' | 'none';
  /** Numbers grow with each change of the entity (default). Otherwise they are only compared for equality. */
  ordered?: boolean;
}

/** Lists of a collection as its change feed. */
export interface RestListOptions {
  /**
   * Default: the path of an entity without its last part. Variables: `{collection}`, `{limit}`, `{page}`, `{offset}`, `{after}`,
   * `{since}`, `{cursor}`. A query parameter whose variable has no value yet is left out.
   */
  path?: string | ((query: RestListQuery) => string);
  /**
   * - `snapshot` (default): the whole list each time; deletions are seen.
   * - `updated-at`: rows whose time of change is not before `{since}`, sorted by that time, then by id. Deletions are seen only
   *   as rows that say so (`deleted`), and by `snapshotEveryMs`.
   * - `cursor`: the backend's own feed of changes, read on with `next`.
   */
  feed?: 'snapshot' | 'updated-at' | 'cursor';
  /** How a list is read on, where the path is a function: templates tell by their variables. */
  paging?: 'none' | 'page' | 'offset' | 'after' | 'next';
  /** JSON Pointer to the array in the answer. Default: the answer itself. */
  rows?: string;
  /** JSON Pointer to the entity in a row. Default: the row itself. */
  entity?: string;
  /** JSON Pointer to the id in a row. Default: that of the entity. */
  id?: string;
  /** JSON Pointer to the version in a row, written as an entity tag where versions are those. */
  version?: string;
  /**
   * JSON Pointer to what is true, or neither false nor null, in a row of a deleted entity. Such a row need not hold more than its id, and with the feed
   * `updated-at` its time.
   */
  deleted?: string;
  /** JSON Pointer to what the next page is asked for with, or `link`: the header `Link` with `rel="next"`. */
  next?: string;
  /**
   * JSON Pointer to whether there is more. Default: a page as long as asked for means that there is; with the feed `cursor`, a page with rows and a
   * `next` that leads on.
   */
  more?: string;
  /** The header (`X-Total-Count`) or JSON Pointer that tells the number of all rows. */
  total?: string;
  /** Rows that are asked for at once, at most; not more than the backend gives. Default 100. */
  maxLimit?: number;
  /** Number of the first page. Default 1. */
  firstPage?: number;
  /** By how much `{since}` goes back behind the newest time seen: what was committed late is found. Default 10,000. */
  overlapMs?: number;
  /** After this time everything is read anew, so that deletions are seen. Default: never. */
  snapshotEveryMs?: number;
}

/** How a collection stands in the API. */
export interface RestCollectionOptions {
  /** Of one entity, with `{collection}` and `{id}`. Default `/{collection}/{id}`. */
  path?: string | ((place: RestPlace) => string);
  /** JSON Pointer to the entity in an answer. Default: the answer itself. */
  envelope?: string;
  /** JSON Pointer to where the entity is put in the body of a request. Default: it is the body. */
  requestEnvelope?: string;
  /** JSON Pointer to the id. Default `/id`. */
  id?: string;
  /** What ids are in JSON: `number` for APIs that count. In the app they are strings. Default `string`. */
  idType?: 'string' | 'number';
  /** Whether bodies hold the id. Default true. */
  sendsId?: boolean;
  /** Where versions are: the header `ETag` (default), a field, or nowhere. */
  version?: 'etag' | 'none' | RestVersionField;
  /** JSON Pointer to the time of change: ISO 8601, or a number of milliseconds. Null: there is none. Default `/updatedAt`. */
  updatedAt?: string | null;
  /** Who writes that time: the backend (default), or this client when it sends, by the backend's clock. */
  updatedAtBy?: 'server' | 'client';
  /** JSON Pointer to what is true, or neither false nor null, in a deleted entity that is still there. */
  deleted?: string;
  /** How an entity is made. Default `PUT` to its path; `POST` goes to the path without its last part. */
  create?: 'PUT' | 'POST' | { method: 'PUT' | 'POST'; path: string | ((place: RestPlace) => string) };
  /** How it is changed: all of it (default), by a merge patch (RFC 7396) or a JSON Patch (RFC 6902). */
  update?: 'PUT' | 'merge-patch' | 'json-patch';
  /** Of the body of an update. Default: the media type of its kind. */
  updateType?: string;
  /** Whether the answer to a write holds the entity (default), or the entity is read after it. */
  writeAnswer?: 'entity' | 'ignored';
  /** Lists as the change feed; none by default. An empty object is a snapshot of the collection's path. */
  list?: RestListOptions | false;
}

/** The options of a collection, here for all of them, and where the API is. */
export interface RestApiClientOptions extends RestCollectionOptions {
  /** Base address, such as `https://api.example.com/v2`, or a path such as `/api` in a page. */
  baseUrl: string;
  /** What differs in single collections. */
  collections?: Record<string, RestCollectionOptions>;
  /** Sent as a bearer token. */
  token?: TokenProvider;
  /** Sent with each request, and nowhere else: with them no redirect is followed. Their values are kept out of errors as the token is. */
  headers?: Record<string, string> | (() => Record<string, string> | Promise<Record<string, string>>);
  /** The header in which the backend recognises repeated writes. Without one, a write without an answer is asked about first. */
  idempotencyHeader?: string;
  /** A header that only the backend adds. Without one, JSON or nothing at all is taken for its word: refusals in text are `bad-response`. */
  sign?: { header: string; value?: string };
  /** A path that answers when the backend is there. Asked without the token. */
  probe?: string;
  /** The longest answer, in bytes. Default 32 MiB. */
  maxAnswerBytes?: number;
  /** Default: the global `fetch`, looked up with each call. */
  fetch?: FetchFunction;
  /** Default: the system's. */
  clock?: Clock;
}
