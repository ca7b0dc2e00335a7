import type { Hono } from 'hono';
import { isObject, type Json, type JsonObject, type JsonPatch } from '../../core/json.ts';
import type { WriteResult } from '../judge.ts';
import { createProblem, fail, ProblemError, type Problem } from '../problem.ts';
import { withoutMetadata } from '../record-json.ts';
import type { ExpectedVersion, WriteContent, WriteRequest } from '../write-request.ts';
import { answerJson } from './answers.ts';
import type { RequestVariables, RouteContext } from './context.ts';
import { formatEntityTag, parseVersion } from './entity-tags.ts';
import { checkPlace } from '../place.ts';
import { readJsonBody } from './read-body.ts';
import { checkEpoch, isKey, readClientId, readUpdatedAt } from './write-headers.ts';

type Read = { readonly request: WriteRequest } | { readonly idempotencyKey: string; readonly problem: Problem };

/** `POST /v1/batch`: many writes, one answer each, found by its key. */
export function addBatchRoute(app: Hono<RequestVariables>, { store, writer, limits }: RouteContext): void {
  app.post('/v1/batch', async (call) => {
    const { raw } = call.req;
    const body = await readJsonBody(raw, ['application/json'], limits.bodyBytes);
    const clientId = readClientId(raw.headers);
    const items = readItems(body, limits.batchRequests);
    const read = items.map((item) => readItem(item, clientId));
    checkEpoch(raw.headers, store.epoch);
    const requests = read.flatMap((item) => ('request' in item ? [item.request] : []));
    const results = await writer.write(call.get('principal'), requests);
    const byRequest = new Map(requests.map((request, index) => [request, results[index]]));
    const toResult = (item: Read) =>
      'request' in item
        ? toJson(item.request.idempotencyKey, byRequest.get(item.request))
        : toJson(item.idempotencyKey, item);
    return answerJson({ results: read.map(toResult) });
  });
}

interface Item {
  readonly idempotencyKey: string;
  readonly fields: JsonObject;
}

function readItems(body: Json, itemsMax: number): readonly Item[] {
  const requests = isObject(body) ? body['requests'] : undefined;
  if (!Array.isArray(requests) || !requests.every((each: Json) => isObject(each))) {
    return fail('malformed-request', { detail: 'A batch is {"requests": [...]}.' });
  }
  if (requests.length > itemsMax) fail('too-large', { detail: `A batch may have ${itemsMax} requests.` });
  return requests.map((fields) => {
    const { idempotencyKey } = fields;
    if (isKey(idempotencyKey)) return { idempotencyKey, fields };
    return fail('missing-key', {
      detail: 'Each request needs an idempotencyKey of 1 to 255 visible ASCII characters.',
    });
  });
}

function readItem({ idempotencyKey, fields }: Item, clientId: string): Read {
  try {
    const { collection, id } = checkPlace(fields['collection'], fields['entityId']);
    const content = readContent(fields);
    const expected = readExpected(fields['baseVersion']);
    const updatedAt = readUpdatedAt(fields['updatedAt']);
    return { request: { idempotencyKey, clientId, collection, id, content, expected, updatedAt } };
  } catch (error) {
    if (error instanceof ProblemError) return { idempotencyKey, problem: error.problem };
    throw error;
  }
}

function readContent({ type, entity, patch }: JsonObject): WriteContent {
  if (type === 'delete') return { type };
  if (type === 'create' && isObject(entity)) return { type, entity: withoutMetadata(entity) };
  if (type === 'update' && patch !== undefined) return { type: 'patch', patch: patch as unknown as JsonPatch };
  return fail('malformed-request', {
    detail: 'A request is a create with an entity, an update with a patch, or a delete.',
  });
}

/** A base version that this server never gave matches nothing. */
function readExpected(baseVersion: Json | undefined): ExpectedVersion | null {
  if (baseVersion === null || baseVersion === undefined) return null;
  if (typeof baseVersion !== 'string' && typeof baseVersion !== 'number')
    return fail('malformed-request', { detail: 'A base version is text or a number.' });
  const version = parseVersion(String(baseVersion));
  return version === null ? [] : [version];
}

function toJson(idempotencyKey: string, result: WriteResult | { readonly problem: Problem } | undefined) {
  if (result === undefined || 'problem' in result) {
    const problem = result?.problem ?? createProblem('internal');
    return { idempotencyKey, status: problem.status, problem };
  }
  const { status, record } = result.answer;
  return {
    idempotencyKey,
    status,
    etag: formatEntityTag(record.version),
    record,
    ...(result.replayed && { replayed: true }),
  };
}
