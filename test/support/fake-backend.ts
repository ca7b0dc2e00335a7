import { Observable } from 'rxjs';
import {
  ConflictError,
  CursorExpiredError,
  EpochChangedError,
  NotFoundError,
  RejectedError,
  type ApiClient,
  type ChangePage,
  type ISyncEntity,
  type RealTimeMessage,
  type RealTimeSession,
  type RemoteChange,
  type RequestContext,
  type ServerRecord,
  type SyncRequest,
  type Version,
} from '../../src/index.ts';
import type { VirtualClock } from '../../src/testing/virtual-clock.ts';

export type BackendMethod = 'get' | 'create' | 'update' | 'delete' | 'batch' | 'changes' | 'probe';

/** One call of the ApiClient, as it arrived. */
export interface BackendCall {
  readonly method: BackendMethod;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly collection: string;
  readonly id: string;
  /** What was handed over beside collection and id. */
  readonly content: unknown;
  readonly context: RequestContext;
}

/** What a call is answered with: a value, a throw, a promise. `apply` is what the backend would do by itself. */
export type Answer = (call: BackendCall, apply: () => Promise<unknown>) => unknown;

export interface FakeBackendOptions {
  /** Recognises repeats of an idempotency key; default true. */
  idempotent?: boolean;
  batch?: boolean;
  probe?: boolean;
  changes?: boolean;
  /** A real-time transport; default false. */
  realTime?: boolean;
}

/** A backend with real semantics: versions, keys, tombstones, a feed, an epoch. Any call can be answered otherwise. */
export interface FakeBackend {
  readonly apiClient: ApiClient;
  readonly calls: readonly BackendCall[];
  /** Calls that write, batches included. */
  writes(): readonly BackendCall[];
  /** Keys of requests that took effect, in order: twice the same is an effect twice. */
  readonly effects: readonly string[];
  /** Answers the next call of the method, or the next that writes. Those given earlier come first. */
  once(method: BackendMethod | 'write', answer: Answer): void;
  /** Answers all calls of the method, or all that write; null: by itself again. */
  always(method: BackendMethod | 'write', answer: Answer | null): void;
  /** Someone else writes; null deletes. */
  edit(collection: string, id: string, fields: Record<string, unknown> | null): ServerRecord;
  record(collection: string, id: string): ServerRecord | undefined;
  /** The entity without its metadata; undefined: there is none. */
  entity(collection: string, id: string): Record<string, unknown> | undefined;
  /** All sockets that are open. */
  readonly sockets: readonly FakeSocket[];
  epoch: string | undefined;
  /** Cursors below this position have expired. */
  oldestCursor: number;
}

export interface FakeSocket {
  readonly session: RealTimeSession;
  send(message: RealTimeMessage): void;
  drop(error?: unknown): void;
}

const writing: ReadonlySet<BackendMethod> = new Set(['create', 'update', 'delete', 'batch']);

export function createFakeBackend(clock: VirtualClock, options: FakeBackendOptions = {}): FakeBackend {
  const { idempotent = true, batch = false, probe = true, changes = true, realTime = false } = options;
  const calls: BackendCall[] = [];
  const effects: string[] = [];
  const records = new Map<string, ServerRecord & { readonly version: number }>();
  const appliedByKey = new Map<string, { readonly content: string; readonly record: ServerRecord }>();
  const feed: RemoteChange[] = [];
  const sockets: FakeSocket[] = [];
  const queued: { readonly method: BackendMethod | 'write'; readonly answer: Answer }[] = [];
  const standing = new Map<BackendMethod | 'write', Answer>();

  const fits = (wanted: BackendMethod | 'write', method: BackendMethod) =>
    wanted === method || (wanted === 'write' && writing.has(method));

  async function answer<T>(call: BackendCall, apply: () => T): Promise<T> {
    calls.push(call);
    const own = async () => structuredClone(apply());
    const index = queued.findIndex(({ method }) => fits(method, call.method));
    const once = index < 0 ? undefined : queued.splice(index, 1)[0]?.answer;
    const chosen = once ?? standing.get(call.method) ?? (writing.has(call.method) ? standing.get('write') : undefined);
    return (await (chosen ? chosen(call, own) : own())) as T;
  }

  function store(collection: string, id: string, entity: ISyncEntity | null, key?: string, clientId?: string) {
    const place = `${collection}/${id}`;
    const version = (records.get(place)?.version ?? 0) + 1;
    const updatedAt = entity?.updatedAt ?? new Date(clock.now()).toISOString();
    const record = entity
      ? { entity: { ...entity, updatedAt, version }, version, updatedAt }
      : { entity: null, version, updatedAt, deleted: true };
    records.set(place, record);
    feed.push({
      collection,
      id,
      record,
      cursor: `${feed.length + 1}`,
      ...(key === undefined ? {} : { idempotencyKey: key }),
      ...(clientId === undefined ? {} : { clientId }),
    });
    return record;
  }

  function write(request: SyncRequest, context: RequestContext): ServerRecord {
    const { collection, entityId, type, baseVersion } = request;
    if (backend.epoch !== undefined && context.epoch !== undefined && context.epoch !== backend.epoch)
      throw new EpochChangedError({ epoch: backend.epoch });
    const content = JSON.stringify([type, collection, entityId, request.entity, request.patch, baseVersion]);
    const repeat = idempotent ? appliedByKey.get(request.idempotencyKey) : undefined;
    if (repeat && repeat.content !== content) throw new RejectedError({ status: 422 });
    if (repeat) return repeat.record;
    const current = records.get(`${collection}/${entityId}`);
    if (type === 'create' ? current?.entity : current && current.version !== baseVersion)
      throw new ConflictError({ current: current as ServerRecord });
    if (type !== 'create' && !current?.entity) throw new NotFoundError();
    const entity = type === 'delete' ? null : (request.entity ?? null);
    const record = store(collection, entityId, entity, request.idempotencyKey, context.clientId);
    effects.push(request.idempotencyKey);
    appliedByKey.set(request.idempotencyKey, { content, record });
    return record;
  }

  const call = (method: BackendMethod, context: RequestContext, about: Partial<BackendCall> = {}): BackendCall => ({
    method,
    at: clock.now(),
    collection: '',
    id: '',
    content: null,
    context,
    ...about,
  });

  const keyOf = (context: RequestContext) => context.idempotencyKey ?? `unkeyed-${calls.length}`;

  function page(collection: string, cursor: string | null, limit: number): ChangePage {
    const epoch = backend.epoch === undefined ? {} : { epoch: backend.epoch };
    const end = `${feed.length}`;
    if (cursor === null) {
      const latest = feed.filter(
        (each) => each.collection === collection && each.record === records.get(`${collection}/${each.id}`),
      );
      return {
        changes: latest.filter(({ record }) => record.entity),
        cursor: end,
        hasMore: false,
        snapshot: true,
        ...epoch,
      };
    }
    if (Number(cursor) < backend.oldestCursor) throw new CursorExpiredError();
    const after = feed.slice(Number(cursor)).filter((each) => each.collection === collection);
    const taken = after.slice(0, limit);
    const hasMore = taken.length < after.length;
    return { changes: taken, cursor: hasMore ? (taken.at(-1)?.cursor ?? end) : end, hasMore, ...epoch };
  }

  const one = (
    type: 'create' | 'update' | 'delete',
    collection: string,
    id: string,
    content: { entity?: ISyncEntity; baseVersion?: Version | null },
    context: RequestContext,
  ) =>
    answer(call(type, context, { collection, id, content }), () =>
      write(
        {
          baseVersion: null,
          ...content,
          type,
          collection,
          entityId: id,
          idempotencyKey: keyOf(context),
        } as SyncRequest,
        context,
      ),
    );

  const outcome = (request: SyncRequest, context: RequestContext) => {
    const { idempotencyKey } = request;
    try {
      return { idempotencyKey, record: write(request, context) };
    } catch (error) {
      return { idempotencyKey, error };
    }
  };

  const apiClient: ApiClient = {
    get: (collection, id, context) =>
      answer(call('get', context, { collection, id }), () => records.get(`${collection}/${id}`) ?? null),
    create: (collection, entity, context) => one('create', collection, entity.id, { entity }, context),
    update: (collection, id, change, context) => one('update', collection, id, change, context),
    delete: (collection, id, change, context) => one('delete', collection, id, change, context),
    capabilities: { idempotent, orderedVersions: true },
    ...(batch
      ? {
          batch: (requests, context) =>
            answer(call('batch', context, { content: requests }), () => requests.map((each) => outcome(each, context))),
        }
      : {}),
    ...(probe ? { probe: (context) => answer(call('probe', context), () => undefined) } : {}),
    ...(changes
      ? {
          changes: (collection, query, context) =>
            answer(call('changes', context, { collection, content: query }), () =>
              page(collection, query.cursor, query.limit),
            ),
        }
      : {}),
    ...(realTime ? { realTime: { connect: openSocket } } : {}),
  };

  function openSocket(session: RealTimeSession): Observable<RealTimeMessage> {
    return new Observable((subscriber) => {
      const socket: FakeSocket = {
        session,
        send: (message) => subscriber.next(message),
        drop: (error) => subscriber.error(error ?? new Error('The connection was lost.')),
      };
      sockets.push(socket);
      return () => void sockets.splice(sockets.indexOf(socket), 1);
    });
  }

  const backend: FakeBackend = {
    apiClient,
    calls,
    writes: () => calls.filter(({ method }) => writing.has(method)),
    effects,
    once: (method, given) => void queued.push({ method, answer: given }),
    always(method, given) {
      if (given) standing.set(method, given);
      else standing.delete(method);
    },
    edit(collection, id, fields) {
      const entity = fields && { ...fields, id, updatedAt: new Date(clock.now()).toISOString() };
      return store(collection, id, entity);
    },
    record: (collection, id) => records.get(`${collection}/${id}`),
    entity(collection, id) {
      const found = records.get(`${collection}/${id}`)?.entity;
      if (!found) return undefined;
      const { updatedAt: _, version: __, ...fields } = found;
      return fields;
    },
    sockets,
    epoch: undefined,
    oldestCursor: 0,
  };
  return backend;
}

/** The request takes effect and its answer is lost. */
export const loseAnswer: Answer = async (_, apply) => {
  await apply().catch(() => undefined);
  throw new Error('socket hang up');
};

/** The request does not arrive. */
export const loseRequest: Answer = async () => {
  throw new Error('connection refused');
};

/** Neither answered nor refused. */
export const neverAnswer: Answer = () => new Promise(() => undefined);

/** Refused before it takes effect. */
export function refuseWith(error: unknown): Answer {
  return async () => {
    throw error;
  };
}

/** Takes no effect and is answered with the value. */
export function answerWith(value: unknown): Answer {
  return () => value;
}
