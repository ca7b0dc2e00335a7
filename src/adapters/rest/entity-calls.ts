import { assertCollection, assertEntityId } from '../../core/entity-input.ts';
import type { Version } from '../../core/entity.ts';
import { BadResponseError, MisconfiguredError, NotFoundError } from '../../core/errors.ts';
import type { ServerRecord } from '../../core/record.ts';
import type { ApiClient, RequestContext } from '../../ports/api-client.ts';
import type { Call } from '../http/call.ts';
import { wholeBody, type Stamp } from './body.ts';
import type { RestCollection } from './collection-settings.ts';
import type { RestAnswer, RestExchange } from './exchange.ts';
import { explainClash, isClash } from './explain-clash.ts';
import { matchHeaders } from './match-headers.ts';
import { memberAt } from './member.ts';
import { readAfterWrite } from './read-after-write.ts';
import { readRecord } from './read-record.ts';
import { idOf } from './row.ts';
import type { SeenVersions } from './seen-versions.ts';
import type { RestSettings } from './settings.ts';
import { updateBody } from './update-body.ts';
import type { WriteWatch } from './write-watch.ts';

/** What the four functions are made of. */
export interface EntityCallParts {
  readonly exchange: RestExchange;
  readonly settings: Pick<RestSettings, 'collection' | 'idempotencyHeader'>;
  readonly seen: SeenVersions;
  readonly watch: WriteWatch;
}

interface Target {
  readonly name: string;
  readonly id: string;
  readonly collection: RestCollection;
  readonly path: string;
}

/** The four functions, on the paths of an API. */
export function createRestEntityCalls(parts: EntityCallParts): Pick<ApiClient, 'get' | 'create' | 'update' | 'delete'> {
  const { exchange, settings, seen, watch } = parts;

  function targetOf(name: string, id: string): Target {
    assertCollection(name);
    assertEntityId(name, id);
    const collection = settings.collection(name);
    return { name, id, collection, path: collection.path({ collection: name, id }) };
  }

  function stampOf(collection: RestCollection, baseVersion: Version | null): Stamp {
    return { baseVersion, sentAt: collection.stampsWrites ? new Date(exchange.now()).toISOString() : null };
  }

  async function read({ name, id, collection, path }: Target, context: RequestContext): Promise<ServerRecord | null> {
    const answer = await sendUnlessGone({ method: 'GET', path }, context);
    if (answer === null) return null;
    const { row, version, record } = readRecord(collection, answer, id);
    if (collection.version.kind === 'none') return record;
    if (version === null) {
      throw new BadResponseError(
        'The answer has no entity tag. If the backend has none, set the option `version`; in a page, the backend has to expose the header ETag.',
      );
    }
    seen.note(name, row, version);
    return record;
  }

  async function sendUnlessGone(call: Call, { clientId, signal }: RequestContext): Promise<RestAnswer | null> {
    try {
      return await exchange.send(call, clientId, signal);
    } catch (error) {
      if (error instanceof NotFoundError) return null;
      throw error;
    }
  }

  function sendWrite({ method, path, headers, body }: Call, context: RequestContext): Promise<RestAnswer> {
    const { idempotencyHeader } = settings;
    const key = context.idempotencyKey;
    const keyed = idempotencyHeader === null || key === undefined ? {} : { [idempotencyHeader.toLowerCase()]: key };
    const call = { method, path, headers: { ...headers, ...keyed }, ...(body === undefined ? {} : { body }) };
    return exchange.send(call, context.clientId, context.signal);
  }

  /** What a write left behind. Where its answer does not tell all of it, it is read. */
  async function written(target: Target, answer: RestAnswer, context: RequestContext): Promise<ServerRecord> {
    const { collection, id, name } = target;
    if (answer.body !== undefined && collection.trustsWriteAnswers) {
      const { row, version, record } = readRecord(collection, answer, id);
      if (record.entity === null) throw new BadResponseError('The answer to a write is a deletion.');
      if (version !== null && collection.version.kind !== 'none') seen.note(name, row, version);
      if (version !== null || collection.version.kind === 'none') return record;
    }
    const found = await readAfterWrite(() => read(target, context));
    if (found?.entity) return found;
    throw new BadResponseError('What was written is not there.');
  }

  /** A refusal may mean that the backend holds another state: what it holds is looked at. */
  async function watched<T>(
    target: Target,
    made: { readonly isCreate: boolean; readonly baseVersion: Version | null },
    context: RequestContext,
    run: () => Promise<T>,
  ): Promise<T> {
    return watch.during(target.name, target.id, async () => {
      try {
        return await run();
      } catch (error) {
        if (!isClash(error)) throw error;
        throw explainClash(error, await read(target, context), made);
      }
    });
  }

  return {
    async get(name, id, context) {
      return read(targetOf(name, id), context);
    },
    async create(name, entity, context) {
      const target = targetOf(name, entity.id);
      const { collection, id } = target;
      const { method } = collection.create;
      const headers = { 'content-type': 'application/json', ...(method === 'PUT' ? { 'if-none-match': '*' } : {}) };
      return watched(target, { isCreate: true, baseVersion: null }, context, async () => {
        const path = collection.create.path({ collection: name, id });
        const body = wholeBody(collection, entity, stampOf(collection, null));
        const answer = await sendWrite({ method, path, headers, body }, context);
        if (method === 'POST') assertOwnId(collection, answer, id);
        return written(target, answer, context);
      });
    },
    async update(name, id, change, context) {
      const target = targetOf(name, id);
      const { collection, path } = target;
      const { baseVersion } = change;
      return watched(target, { isCreate: false, baseVersion }, context, async () => {
        const body = await updateBody(collection, change, stampOf(collection, baseVersion), () =>
          read(target, context),
        );
        const headers = { 'content-type': collection.updateType, ...matchHeaders(collection, baseVersion) };
        const method = collection.update === 'PUT' ? 'PUT' : 'PATCH';
        return written(target, await sendWrite({ method, path, headers, body }, context), context);
      });
    },
    async delete(name, id, { baseVersion }, context) {
      const target = targetOf(name, id);
      const { collection, path } = target;
      await watched(target, { isCreate: false, baseVersion }, context, async () => {
        const headers = matchHeaders(collection, baseVersion);
        const { status, body } = await sendWrite({ method: 'DELETE', path, headers }, context);
        if (status === 204 || body !== undefined) return;
        const left = await readAfterWrite(() => read(target, context));
        if (left?.entity) throw new BadResponseError('What was deleted is still there.');
      });
    },
  };
}

/** Asked about under its own id, what was made under another would be made again and again. */
function assertOwnId(
  { id: tokens, envelope, trustsWriteAnswers }: RestCollection,
  { body }: RestAnswer,
  id: string,
): void {
  const given = trustsWriteAnswers ? idOf(memberAt(memberAt(body, envelope), tokens)) : null;
  if (given === null || given === id) return;
  throw new MisconfiguredError({
    message:
      'The backend made the entity under an id of its own. It has to take the ids of the app, so that they can be made offline.',
  });
}
