import { Subject } from 'rxjs';
import type { ISyncEntity } from '../../core/entity.ts';
import { ConflictError, EpochChangedError, NotFoundError, RejectedError, UnavailableError } from '../../core/errors.ts';
import type { SyncError } from '../../core/errors.ts';
import type { SyncRequest } from '../../core/operation.ts';
import type { ServerRecord } from '../../core/record.ts';
import type { ApiClient, RequestContext, RequestOutcome } from '../../ports/api-client.ts';
import { createMemoryFeed } from './memory-feed.ts';
import { createMemoryTransport } from './memory-transport.ts';

/** Which capabilities a backend in memory has, and its clock. */
export interface MemoryBackendOptions {
  /** Milliseconds since 1970; default: the system's. */
  readonly now?: () => number;
  /** Recognises repeats of an idempotency key; default true. */
  readonly idempotent?: boolean;
  /** Default true. */
  readonly batch?: boolean;
  /** Default true. */
  readonly probe?: boolean;
  /** Default true. */
  readonly changes?: boolean;
  /** Default true. */
  readonly realTime?: boolean;
}

/** A backend with real semantics: versions, keys, tombstones, a feed, an epoch, sockets. Nothing is authorised. */
export interface MemoryBackend {
  readonly apiClient: ApiClient;
  /** Keys of requests that took effect, in order: twice the same is an effect twice. */
  readonly effects: readonly string[];
  /** Someone else writes; null deletes. */
  edit(collection: string, id: string, fields: Readonly<Record<string, unknown>> | null): ServerRecord;
  record(collection: string, id: string): ServerRecord | undefined;
  /** The entity without its metadata; undefined: there is none. */
  entity(collection: string, id: string): Record<string, unknown> | undefined;
  /** Ends every socket; default: with `UnavailableError`. */
  drop(error?: SyncError): void;
  /** The life of the data, told with answers, pages and at `open`; writes that know another are refused. */
  epoch: string | undefined;
  /** Cursors below this position have expired. */
  oldestCursor: number;
}

type Stored = ServerRecord & { readonly version: number };

/**
 * A backend in memory, empty.
 *
 * @example
 * const backend = createMemoryBackend();
 * const sync = createSyncService(backend.apiClient);
 * backend.edit('tasks', '1', { title: 'written by someone else' });
 */
export function createMemoryBackend(options: MemoryBackendOptions = {}): MemoryBackend {
  const { now = Date.now, idempotent = true, batch = true, probe = true, changes = true, realTime = true } = options;
  const records = new Map<string, Stored>();
  const appliedByKey = new Map<string, { readonly content: string; readonly record: ServerRecord }>();
  const effects: string[] = [];
  const applied$ = new Subject<void>();
  const dropped$ = new Subject<SyncError>();
  const feed = createMemoryFeed(() => backend.oldestCursor);
  const epochPart = (): { readonly epoch?: string } => (backend.epoch === undefined ? {} : { epoch: backend.epoch });
  const told = (record: ServerRecord): ServerRecord => structuredClone({ ...record, ...epochPart() });
  let unkeyed = 0;

  function store(
    collection: string,
    id: string,
    entity: ISyncEntity | null,
    by: Partial<SyncRequest & RequestContext>,
  ) {
    const place = `${collection}/${id}`;
    const previous = records.get(place);
    const version = (previous?.version ?? 0) + 1;
    const updatedAt = entity?.updatedAt ?? new Date(now()).toISOString();
    const record: Stored = entity
      ? { entity: structuredClone({ ...entity, updatedAt, version }), version, updatedAt }
      : { entity: null, version, updatedAt, deleted: true };
    records.set(place, record);
    feed.append({
      collection,
      id,
      record,
      ...(by.idempotencyKey === undefined ? {} : { idempotencyKey: by.idempotencyKey }),
      ...(by.clientId === undefined ? {} : { clientId: by.clientId }),
    });
    return record;
  }

  function write(request: SyncRequest, context: RequestContext): ServerRecord {
    const { collection, entityId, type, baseVersion, idempotencyKey } = request;
    if (backend.epoch !== undefined && context.epoch !== undefined && context.epoch !== backend.epoch)
      throw new EpochChangedError({ epoch: backend.epoch });
    const content = JSON.stringify([type, collection, entityId, request.entity, request.patch, baseVersion]);
    const repeat = idempotent ? appliedByKey.get(idempotencyKey) : undefined;
    if (repeat && repeat.content !== content) throw new RejectedError({ status: 422 });
    if (repeat) return repeat.record;
    const current = records.get(`${collection}/${entityId}`);
    if (current && (type === 'create' ? current.entity !== null : current.version !== baseVersion))
      throw new ConflictError({ current: told(current) });
    if (type !== 'create' && !current?.entity) throw new NotFoundError();
    const entity = type === 'delete' ? null : (request.entity ?? null);
    const record = store(collection, entityId, entity, { idempotencyKey, clientId: context.clientId });
    effects.push(idempotencyKey);
    appliedByKey.set(idempotencyKey, { content, record });
    applied$.next();
    return record;
  }

  const single = async (request: Omit<SyncRequest, 'idempotencyKey'>, context: RequestContext): Promise<ServerRecord> =>
    told(write({ ...request, idempotencyKey: context.idempotencyKey ?? `unkeyed-${(unkeyed += 1)}` }, context));
  const outcomeOf = (request: SyncRequest, context: RequestContext): RequestOutcome => {
    const { idempotencyKey } = request;
    try {
      return { idempotencyKey, record: told(write(request, context)) };
    } catch (error) {
      return { idempotencyKey, error };
    }
  };

  const apiClient: ApiClient = {
    get: async (collection, id) => {
      const record = records.get(`${collection}/${id}`);
      return record ? told(record) : null;
    },
    create: (collection, entity, context) =>
      single({ type: 'create', collection, entityId: entity.id, entity, baseVersion: null }, context),
    update: (collection, entityId, change, context) =>
      single({ type: 'update', collection, entityId, ...change }, context),
    delete: (collection, entityId, change, context) =>
      single({ type: 'delete', collection, entityId, ...change }, context),
    capabilities: { idempotent, orderedVersions: true },
    ...(batch && { batch: async (requests, context) => requests.map((request) => outcomeOf(request, context)) }),
    ...(probe && { probe: async () => undefined }),
    ...(changes && {
      changes: async (collection, { cursor, limit }) =>
        structuredClone({ ...feed.page(collection, cursor, limit), ...epochPart() }),
    }),
    ...(realTime && { realTime: createMemoryTransport({ feed, applied$, dropped$, epoch: () => backend.epoch }) }),
  };

  const backend: MemoryBackend = {
    apiClient,
    effects,
    edit(collection, id, fields) {
      const entity = fields && { ...fields, id, updatedAt: new Date(now()).toISOString() };
      const record = store(collection, id, entity, {});
      applied$.next();
      return structuredClone(record);
    },
    record: (collection, id) => structuredClone(records.get(`${collection}/${id}`)),
    entity(collection, id) {
      const found = records.get(`${collection}/${id}`)?.entity;
      if (!found) return undefined;
      const { updatedAt: _, version: __, ...fields } = structuredClone(found);
      return fields;
    },
    drop: (error = new UnavailableError({ message: 'The connection was lost.' })) => dropped$.next(error),
    epoch: undefined,
    oldestCursor: 0,
  };
  return backend;
}
