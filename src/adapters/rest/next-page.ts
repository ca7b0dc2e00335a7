import { BadResponseError } from '../../core/errors.ts';
import type { RestList } from './list-settings.ts';
import { memberAt } from './member.ts';
import type { RestAnswer } from './exchange.ts';

/** With what a list is read on: a token for the path's `{cursor}`, or the path of the next page. */
export type NextPage = { readonly token: string } | { readonly path: string };

/**
 * What an answer tells to read on with; null: nothing. An address has to be below `base`: the token goes nowhere else. Throws `BadResponseError`.
 */
export function nextPageOf(answer: RestAnswer, { next }: RestList, base: string): NextPage | null {
  if (next === null) return null;
  const told = next === 'link' ? linkOf(answer.header('link')) : memberAt(answer.body, next);
  if (told === undefined || told === null || told === '') return null;
  if (typeof told === 'number' && Number.isFinite(told)) return { token: `${told}` };
  if (typeof told !== 'string')
    throw new BadResponseError('What the next page is asked for with is no text. Check the option `next`.');
  if (next !== 'link' && !/^https?:\/\//i.test(told)) return { token: told };
  return { path: pathBelow(base, told) };
}

function linkOf(header: string | null): string | null {
  for (const [, address, parameters = ''] of (header ?? '').matchAll(/<([^>]*)>((?:\s*;[^,<]*)*)/g)) {
    if (/;\s*rel\s*=\s*("([^"]*\s)?next(\s[^"]*)?"|next\s*(;|$))/i.test(parameters)) return address ?? null;
  }
  return null;
}

function pathBelow(base: string, address: string): string {
  const url = URL.canParse(address, `${base}/`) ? new URL(address, `${base}/`) : null;
  if (url !== null && url.href.startsWith(`${base}/`)) return url.href.slice(base.length);
  throw new BadResponseError('The address of the next page is not below the option `baseUrl`.');
}
