import type { Problem } from '../problem.ts';
import type { StoredAnswer } from '../ports/store.ts';
import { formatEntityTag } from './entity-tags.ts';

const acceptPatch = 'application/json-patch+json, application/merge-patch+json';

/** Problem details (RFC 9457), with the headers that belong to its status. */
export function answerProblem(problem: Problem, retryAfterS: number | null = null): Response {
  const headers = new Headers({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' });
  const mayRetrySoon = problem.status === 429 || problem.status === 503 || problem.type.endsWith(':in-flight');
  if (mayRetrySoon || retryAfterS !== null) headers.set('retry-after', String(retryAfterS ?? 1));
  if (problem.status === 401) headers.set('www-authenticate', 'Bearer');
  if (problem.status === 415) headers.set('accept-patch', acceptPatch);
  if (problem.current !== undefined) headers.set('etag', formatEntityTag(problem.current.version));
  return new Response(JSON.stringify(problem), { status: problem.status, headers });
}

/** A JSON answer that no cache keeps. */
export function answerJson(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  const all = { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers };
  return new Response(JSON.stringify(body), { status, headers: all });
}

/** The answer to an applied write. */
export function answerWrite({ status, record }: StoredAnswer, replayed: boolean): Response {
  const headers = { etag: formatEntityTag(record.version), ...(replayed && { 'idempotency-replayed': 'true' }) };
  return status === 204 ? new Response(null, { status, headers }) : answerJson(record, status, headers);
}
