import { fail } from '../problem.ts';
import type { ExpectedVersion } from '../write-request.ts';

/** The ETag of a version. */
export const formatEntityTag = (version: number): string => `"${version}"`;

interface EntityTag {
  readonly weak: boolean;
  readonly value: string;
}

function parseTags(header: string): readonly EntityTag[] | '*' {
  if (header.trim() === '*') return '*';
  if (!/^\s*(W\/)?"[\x21\x23-\x7e]*"(\s*,\s*(W\/)?"[\x21\x23-\x7e]*")*\s*$/.test(header)) {
    fail('malformed-request', { detail: 'If-Match and If-None-Match take "*" or quoted entity tags (RFC 9110).' });
  }
  return [...header.matchAll(/(W\/)?"([^"]*)"/g)].map(([, weak, value]) => ({
    weak: weak !== undefined,
    value: value ?? '',
  }));
}

/** The version that a text stands for; null when it is none that this server gives. */
export const parseVersion = (value: string): number | null => (/^[1-9]\d{0,14}$/.test(value) ? Number(value) : null);

/** `If-Match`, compared strongly: a weak or foreign tag matches no version. Null: there is no such header. */
export function readIfMatch(headers: Headers): ExpectedVersion | null {
  const header = headers.get('if-match');
  if (header === null) return null;
  const tags = parseTags(header);
  if (tags === '*') return tags;
  return tags.flatMap(({ weak, value }) => (weak ? [] : (parseVersion(value) ?? [])));
}

/** `If-None-Match`, compared weakly. Null: there is no such header. */
export function readIfNoneMatch(headers: Headers): ExpectedVersion | null {
  const header = headers.get('if-none-match');
  if (header === null) return null;
  const tags = parseTags(header);
  return tags === '*' ? tags : tags.flatMap(({ value }) => parseVersion(value) ?? []);
}
