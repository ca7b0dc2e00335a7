import type { Context, Hono } from 'hono';
import { isObject, type JsonObject, type JsonPatch } from '../../core/json.ts';
import { createProblem, fail } from '../problem.ts';
import { toRecordJson, withoutMetadata } from '../record-json.ts';
import type { ExpectedVersion, WriteContent } from '../write-request.ts';
import { answerJson, answerProblem, answerWrite } from './answers.ts';
import type { RequestVariables, RouteContext } from './context.ts';
import { formatEntityTag, readIfMatch, readIfNoneMatch } from './entity-tags.ts';
import { readPlace } from '../place.ts';
import { readJsonBody } from './read-body.ts';
import { checkEpoch, readClientId, readIdempotencyKey, readUpdatedAt } from './write-headers.ts';

type Call = Context<RequestVariables>;

/** `/v1/{collection}/{id}`: read, create, replace, change and delete one entity, each with its precondition. */
export function addEntityRoutes(app: Hono<RequestVariables>, context: RouteContext): void {
  app.get('/v1/:collection/:id', (call) => read(context, call));
  app.put('/v1/:collection/:id', async (call) => {
    const entity = await readEntityBody(context, call.req.raw);
    const isCreate = readIfNoneMatch(call.req.raw.headers) === '*';
    return write(context, call, { type: isCreate ? 'create' : 'replace', entity });
  });
  app.patch('/v1/:collection/:id', async (call) => write(context, call, await readPatchBody(context, call.req.raw)));
  app.delete('/v1/:collection/:id', (call) => write(context, call, { type: 'delete' }));
}

async function read({ store, access }: RouteContext, call: Call): Promise<Response> {
  const { collection, id } = readPlace(call.req.raw.url);
  const stored = await store.read((reader) => reader.entity(collection, id));
  const record = stored === null ? null : toRecordJson(stored);
  const entity = record?.entity ?? null;
  if (!(await access.may(call.get('principal'), 'read', collection, entity))) fail('forbidden');
  if (record === null) return answerProblem(createProblem('not-found'));
  if (record.deleted) return answerProblem(createProblem('deleted', { current: record }));
  const headers = { etag: formatEntityTag(record.version), 'cache-control': 'private, no-cache' };
  const known = readIfNoneMatch(call.req.raw.headers);
  const isKnown = known === '*' || known?.includes(record.version) === true;
  return isKnown ? new Response(null, { status: 304, headers }) : answerJson(record, 200, headers);
}

async function write({ store, writer }: RouteContext, call: Call, content: WriteContent): Promise<Response> {
  const { headers, url } = call.req.raw;
  const idempotencyKey = readIdempotencyKey(headers);
  const clientId = readClientId(headers);
  checkEpoch(headers, store.epoch);
  const expected: ExpectedVersion | null = readIfMatch(headers);
  const updatedAt = readUpdatedAt(headers.get('sync-updated-at'));
  const request = { idempotencyKey, clientId, ...readPlace(url), content: withId(content, url), expected, updatedAt };
  const [result] = await writer.write(call.get('principal'), [request]);
  if (result === undefined) return fail('internal');
  return 'problem' in result ? answerProblem(result.problem) : answerWrite(result.answer, result.replayed);
}

/** A body without an id gets that of the URL. */
function withId(content: WriteContent, url: string): WriteContent {
  if (content.type !== 'create' && content.type !== 'replace') return content;
  const { id } = readPlace(url);
  return Object.hasOwn(content.entity, 'id') ? content : { ...content, entity: { ...content.entity, id } };
}

async function readEntityBody({ limits }: RouteContext, request: Request): Promise<JsonObject> {
  const body = await readJsonBody(request, ['application/json'], limits.bodyBytes);
  return isObject(body) ? withoutMetadata(body) : fail('invalid-entity', { detail: 'An entity is a JSON object.' });
}

async function readPatchBody({ limits }: RouteContext, request: Request): Promise<WriteContent> {
  const jsonPatch = 'application/json-patch+json';
  const patch = await readJsonBody(request, [jsonPatch, 'application/merge-patch+json'], limits.bodyBytes);
  const isJsonPatch = request.headers.get('content-type')?.toLowerCase().startsWith(jsonPatch) === true;
  return isJsonPatch ? { type: 'patch', patch: patch as JsonPatch } : { type: 'merge-patch', patch };
}
