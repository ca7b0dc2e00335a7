import { assertCollection, assertEntityId } from '../../core/entity-input.ts';
import { BadResponseError, NotFoundError } from '../../core/errors.ts';
import type { ServerRecord } from '../../core/record.ts';
import type { ApiClient } from '../../ports/api-client.ts';
import { readWireRecord } from '../protocol/wire-record.ts';
import type { Answer } from './answer.ts';
import type { Exchange } from './exchange.ts';
import { matchVersion, parseVersion } from './precondition.ts';
import { senderOf } from './sender.ts';

/** The four functions: one request for one entity each, with the preconditions of RFC 9110. */
export function createEntityCalls(exchange: Exchange): Pick<ApiClient, 'get' | 'create' | 'update' | 'delete'> {
  return {
    async get(collection, id, { clientId, signal }) {
      const place = placeOf(collection, id);
      try {
        const answer = await exchange.send({ method: 'GET', ...place }, clientId, signal);
        return readWireRecord(answer.body, id, answer.epoch);
      } catch (error) {
        if (error instanceof NotFoundError) return error.current ?? null;
        throw error;
      }
    },
    async create(collection, entity, context) {
      const headers = {
        'Content-Type': 'application/json',
        'If-None-Match': '*',
        ...senderOf(context, entity.updatedAt),
      };
      const request = {
        method: 'PUT',
        ...placeOf(collection, entity.id),
        headers,
        body: JSON.stringify(entity),
      } as const;
      return readWritten(await exchange.send(request, context.clientId, context.signal), entity.id);
    },
    async update(collection, id, { patch, entity, baseVersion }, context) {
      const headers = {
        'Content-Type': 'application/json-patch+json',
        ...matchVersion(baseVersion),
        ...senderOf(context, entity.updatedAt),
      };
      const request = { method: 'PATCH', ...placeOf(collection, id), headers, body: JSON.stringify(patch) } as const;
      return readWritten(await exchange.send(request, context.clientId, context.signal), id);
    },
    async delete(collection, id, { baseVersion }, context) {
      const headers = { ...matchVersion(baseVersion), ...senderOf(context) };
      const request = { method: 'DELETE', ...placeOf(collection, id), headers } as const;
      return readDeleted(await exchange.send(request, context.clientId, context.signal));
    },
  };
}

function placeOf(collection: string, id: string): { readonly path: string; readonly entityId: string } {
  assertCollection(collection);
  assertEntityId(collection, id);
  return { path: `/v1/${collection}/${encodeURIComponent(id)}`, entityId: id };
}

function readWritten({ body, epoch }: Answer, id: string): ServerRecord {
  const record = readWireRecord(body, id, epoch);
  if (record.entity === null) throw new BadResponseError('The answer to a write is a deletion.');
  return record;
}

/** The sign of the backend is proof enough of a deletion; its version is told where proxies leave the entity tag alone. */
function readDeleted({ body, etag, epoch }: Answer): ServerRecord | void {
  if (body !== undefined) throw new BadResponseError('The answer to a deletion has a body.');
  if (etag !== null) {
    return { entity: null, version: parseVersion(etag), deleted: true, ...(epoch === null ? {} : { epoch }) };
  }
}
