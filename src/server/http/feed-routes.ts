import type { Hono } from 'hono';
import { assertCollection } from '../../core/entity-input.ts';
import type { Principal } from '../options.ts';
import { fail } from '../problem.ts';
import { answerJson } from './answers.ts';
import type { RequestVariables, RouteContext } from './context.ts';

const defaultPageSize = 500;

/** `GET /v1/changes` and `GET /v1/snapshot`: pages of what the principal may read. */
export function addFeedRoutes(app: Hono<RequestVariables>, { feed, limits }: RouteContext): void {
  const answerPage = async (
    principal: Principal,
    url: string,
    placeParameter: 'since' | 'after',
  ): Promise<Response> => {
    const { searchParams } = new URL(url);
    const collections = readCollections(searchParams.get('collections'));
    const limit = readLimit(searchParams.get('limit'), limits.pageSize);
    return answerJson(await feed.page(principal, { since: searchParams.get(placeParameter), collections, limit }));
  };
  app.get('/v1/changes', (call) => answerPage(call.get('principal'), call.req.raw.url, 'since'));
  app.get('/v1/snapshot', (call) => answerPage(call.get('principal'), call.req.raw.url, 'after'));
}

function readCollections(text: string | null): readonly string[] | null {
  if (text === null || text === '') return null;
  const names = [...new Set(text.split(','))];
  try {
    for (const name of names) assertCollection(name);
    return names;
  } catch {
    return fail('invalid-collection');
  }
}

function readLimit(text: string | null, most: number): number {
  if (text === null) return Math.min(defaultPageSize, most);
  if (!/^[1-9]\d{0,8}$/.test(text)) return fail('malformed-request', { detail: 'limit is a number above 0.' });
  return Math.min(Number(text), most);
}
