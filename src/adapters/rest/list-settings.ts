import { invalidOption } from '../../core/option-checks.ts';
import type { RestListOptions, RestListQuery } from './options.ts';
import { checkNames, checkOneOf, checkPath, readOptionalPointer, readPointer, readWhole } from './option-checks.ts';
import { pathFiller, variablesOf } from './path-template.ts';

/** How a list is read on. */
export type Paging = NonNullable<RestListOptions['paging']>;

type Tokens = readonly string[];

/** How a collection is listed, checked and complete. */
export interface RestList {
  path(query: RestListQuery): string;
  /** Whether the path has a place for what `next` tells. */
  readonly takesCursor: boolean;
  readonly feed: 'snapshot' | 'updated-at' | 'cursor';
  readonly paging: Paging;
  readonly rows: Tokens;
  readonly entity: Tokens;
  readonly id: Tokens | null;
  readonly version: Tokens | null;
  readonly deleted: Tokens | null;
  readonly next: Tokens | 'link' | null;
  readonly more: Tokens | null;
  readonly total: { readonly header: string } | { readonly tokens: Tokens } | null;
  readonly maxLimit: number;
  readonly firstPage: number;
  readonly overlapMs: number;
  readonly snapshotEveryMs: number | null;
}

const variables = ['collection', 'limit', 'page', 'offset', 'after', 'since', 'cursor'];
const pagings: readonly Paging[] = ['none', 'page', 'offset', 'after', 'next'];
const longestMs = Number.MAX_SAFE_INTEGER;

const names = {
  path: true,
  feed: true,
  paging: true,
  rows: true,
  entity: true,
  id: true,
  version: true,
  deleted: true,
  next: true,
  more: true,
  total: true,
  maxLimit: true,
  firstPage: true,
  overlapMs: true,
  snapshotEveryMs: true,
} satisfies Record<keyof RestListOptions, true>;

/** Reads the options of a list. `parent`: its path when none is given; null: there has to be one. Throws `invalid-option`. */
export function readListSettings(at: string, options: RestListOptions, parent: string | null): RestList {
  checkNames(at, options, names);
  const path = options.path ?? parent;
  if (path === null) throw invalidOption(`${at}.path`, 'is needed where `path` is a function');
  checkPath(`${at}.path`, path, variables);
  checkOneOf(`${at}.feed`, options.feed, ['snapshot', 'updated-at', 'cursor']);
  checkOneOf(`${at}.paging`, options.paging, pagings);
  const next = options.next === 'link' ? 'link' : readOptionalPointer(`${at}.next`, options.next);
  const list: RestList = {
    path: pathFiller(path),
    takesCursor: typeof path === 'function' || variablesOf(path).includes('cursor'),
    feed: options.feed ?? 'snapshot',
    paging: options.paging ?? (next === null ? pagingOf(path) : 'next'),
    rows: readPointer(`${at}.rows`, options.rows ?? ''),
    entity: readPointer(`${at}.entity`, options.entity ?? ''),
    id: readOptionalPointer(`${at}.id`, options.id),
    version: readOptionalPointer(`${at}.version`, options.version),
    deleted: readOptionalPointer(`${at}.deleted`, options.deleted),
    next,
    more: readOptionalPointer(`${at}.more`, options.more),
    total: readTotal(`${at}.total`, options.total),
    maxLimit: readWhole(`${at}.maxLimit`, options.maxLimit, [2, 100_000], 100),
    firstPage: readWhole(`${at}.firstPage`, options.firstPage, [0, 1], 1),
    overlapMs: readWhole(`${at}.overlapMs`, options.overlapMs, [1, longestMs], 10_000),
    snapshotEveryMs:
      options.snapshotEveryMs === undefined
        ? null
        : readWhole(`${at}.snapshotEveryMs`, options.snapshotEveryMs, [1, longestMs], 0),
  };
  checkVariables(at, list, path);
  return list;
}

function readTotal(at: string, total: unknown): RestList['total'] {
  if (total === undefined) return null;
  if (typeof total === 'string' && total !== '' && !total.startsWith('/')) return { header: total };
  return { tokens: readPointer(at, total) };
}

function pagingOf(path: RestListOptions['path']): Paging {
  const used = typeof path === 'string' ? variablesOf(path) : [];
  return (['after', 'offset', 'page'] as const).find((paging) => used.includes(paging)) ?? 'none';
}

function checkVariables(at: string, { feed, next }: RestList, path: RestListOptions['path']): void {
  const needs = (variable: string) => typeof path === 'string' && !variablesOf(path).includes(variable);
  if (feed === 'updated-at' && needs('since')) throw invalidOption(`${at}.path`, 'needs the variable {since}');
  if (feed === 'updated-at' && next !== null) {
    throw invalidOption(`${at}.next`, 'does not fit the feed updated-at: pages are asked for by {since}');
  }
  if (feed === 'cursor' && next === null) throw invalidOption(`${at}.next`, 'is needed for the feed cursor');
}
