import { assertCollection } from '../../core/entity-input.ts';
import { BadResponseError } from '../../core/errors.ts';
import type { ChangePage } from '../../core/record.ts';
import { isObject } from '../../core/json.ts';
import type { ApiClient } from '../../ports/api-client.ts';
import { readWireChange } from '../protocol/wire-change.ts';
import type { Exchange } from './exchange.ts';

/** Reads the change feed, one page of one collection at a time. */
export function createChanges(exchange: Exchange): NonNullable<ApiClient['changes']> {
  return async (collection, { cursor, limit }, { clientId, signal }) => {
    assertCollection(collection);
    const query = new URLSearchParams({ collections: collection, limit: `${limit}` });
    if (cursor !== null) query.set('since', cursor);
    const answer = await exchange.send({ method: 'GET', path: `/v1/changes?${query}` }, clientId, signal);
    return readChangePage(answer.body, collection);
  };
}

function readChangePage(body: unknown, collection: string): ChangePage {
  if (!isObject(body)) throw new BadResponseError('The page of changes is not an object.');
  const { changes, cursor, hasMore, snapshot, epoch } = body;
  if (!Array.isArray(changes) || typeof cursor !== 'string' || cursor === '' || typeof hasMore !== 'boolean') {
    throw new BadResponseError('The page of changes lacks its changes, its cursor or its end.');
  }
  const read = (changes as readonly unknown[]).map(readWireChange);
  if (read.some((change) => change.collection !== collection)) {
    throw new BadResponseError('The page of changes is about another collection.');
  }
  return {
    changes: read,
    cursor,
    hasMore,
    ...(snapshot === true ? { snapshot: true } : {}),
    ...(snapshot === true && !hasMore ? { replayFrom: cursor } : {}),
    ...(typeof epoch === 'string' && epoch !== '' ? { epoch } : {}),
  };
}
