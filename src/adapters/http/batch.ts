import { BadResponseError, ForbiddenError, NotFoundError, RejectedError, SyncError } from '../../core/errors.ts';
import { isObject, type Json } from '../../core/json.ts';
import type { SyncRequest } from '../../core/operation.ts';
import type { ServerRecord } from '../../core/record.ts';
import type { ApiClient, RequestOutcome } from '../../ports/api-client.ts';
import { readWireRecord } from '../protocol/wire-record.ts';
import type { Answer } from './answer.ts';
import type { Exchange } from './exchange.ts';
import { errorOf } from './refusal.ts';
import { senderOf } from './sender.ts';

/**
 * Sends requests of different entities at once. Outcomes are matched by key: results for unknown keys are ignored, requests
 * without a result are left out, of two results for one key the first counts. A refusal of the whole batch says nothing of
 * its members: it is a bad response, unless it concerns the session or the size.
 */
export function createBatch(exchange: Exchange): NonNullable<ApiClient['batch']> {
  return async (requests, context) => {
    const request = {
      method: 'POST',
      path: '/v1/batch',
      headers: { 'Content-Type': 'application/json', ...senderOf(context) },
      body: formatBatch(requests),
    } as const;
    try {
      return readBatch(await exchange.send(request, context.clientId, context.signal), requests);
    } catch (error) {
      if (error instanceof RejectedError || error instanceof NotFoundError || error instanceof ForbiddenError) {
        throw new BadResponseError('The backend does not take the batch as a whole.', toldBy(error));
      }
      throw error;
    }
  };
}

function toldBy({ status, detail }: SyncError): { status?: number; detail?: Json } {
  return { ...(status === undefined ? {} : { status }), ...(detail === undefined ? {} : { detail }) };
}

function formatBatch(requests: readonly SyncRequest[]): string {
  return JSON.stringify({ requests: requests.map(formatRequest) });
}

function formatRequest(request: SyncRequest): object {
  const { idempotencyKey, type, collection, entityId, entity, patch, baseVersion } = request;
  const updatedAt = request.updatedAt ?? entity?.updatedAt;
  return {
    idempotencyKey,
    type,
    collection,
    entityId,
    baseVersion,
    ...(type === 'create' ? { entity } : {}),
    ...(type === 'update' ? { patch } : {}),
    ...(updatedAt === undefined ? {} : { updatedAt }),
  };
}

function readBatch(answer: Answer, requests: readonly SyncRequest[]): readonly RequestOutcome[] {
  const { body } = answer;
  if (!isObject(body) || !Array.isArray(body['results']))
    throw new BadResponseError('The batch answer has no results.');
  const waiting = new Map(requests.map((request) => [request.idempotencyKey, request]));
  const outcomes: RequestOutcome[] = [];
  for (const result of body['results'] as readonly unknown[]) {
    if (!isObject(result) || typeof result['idempotencyKey'] !== 'string') continue;
    const request = waiting.get(result['idempotencyKey']);
    if (request === undefined || !waiting.delete(request.idempotencyKey)) continue;
    outcomes.push(readOutcome(result, request, answer));
  }
  return outcomes;
}

function readOutcome(
  result: { readonly [key: string]: unknown },
  { idempotencyKey, entityId, type }: SyncRequest,
  { readProblem, epoch }: Answer,
): RequestOutcome {
  try {
    const { status, record, problem } = result;
    if (typeof status !== 'number') throw new BadResponseError('A result of the batch has no status.');
    if (status < 200 || status > 299) {
      throw errorOf({
        status,
        problem: readProblem(problem),
        isFromBackend: true,
        isHtml: false,
        retryAfterMs: undefined,
        entityId,
        epoch,
      });
    }
    return { idempotencyKey, record: checkKind(readWireRecord(record, entityId, epoch), type) };
  } catch (error) {
    if (error instanceof SyncError) return { idempotencyKey, error };
    throw error;
  }
}

function checkKind(record: ServerRecord, type: SyncRequest['type']): ServerRecord {
  if ((record.entity === null) !== (type === 'delete')) {
    throw new BadResponseError('The record of the answer does not fit the request.');
  }
  return record;
}
