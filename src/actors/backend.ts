import { copyJson } from '../core/copy-json.ts';
import { SyncError } from '../core/errors.ts';
import type { ISyncEntity } from '../core/entity.ts';
import type { SyncRequest } from '../core/operation.ts';
import type { ApiClient, RequestContext } from '../ports/api-client.ts';
import type { Clock } from '../ports/environment.ts';
import type { SealedRequest } from '../store/entry.ts';

/** A request with what an ApiClient needs beside its sealed content. */
export interface Outgoing {
  readonly request: SealedRequest;
  /** The whole entity as the request makes it, stamped; null for a delete. */
  readonly entity: ISyncEntity | null;
  readonly attempt: number;
}

/**
 * The ApiClient behind a time limit. Every call settles: with the client's answer, which nobody has checked yet, with what
 * it threw, with `timeout`, or with `aborted` once closed.
 */
export interface Backend {
  readonly canBatch: boolean;
  readonly canPull: boolean;
  readonly canProbe: boolean;
  readonly isIdempotent: boolean;
  get(collection: string, id: string): Promise<unknown>;
  send(outgoing: Outgoing): Promise<unknown>;
  sendAll(batch: readonly Outgoing[]): Promise<unknown>;
  changes(collection: string, query: { cursor: string | null; limit: number }): Promise<unknown>;
  probe(): Promise<void>;
  close(): void;
}

export interface BackendOptions {
  readonly apiClient: ApiClient;
  readonly clock: Clock;
  readonly requestTimeoutMs: number;
  readonly clientId: string;
  /** The life of the server's data that is known. */
  epoch(): string | null;
}

export function createBackend({ apiClient, clock, requestTimeoutMs, clientId, epoch }: BackendOptions): Backend {
  const open = new Set<() => void>();
  let closed = false;

  function call<T>(
    about: Partial<Pick<RequestContext, 'attempt' | 'idempotencyKey' | 'updatedAt'>>,
    run: (context: RequestContext) => T | Promise<T>,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (closed) return reject(closedError());
      const controller = new AbortController();
      const give = (error: SyncError) => {
        end();
        reject(error);
        controller.abort(error);
      };
      const timer = clock.setTimeout(
        () => give(new SyncError('timeout', `The backend did not answer within ${requestTimeoutMs} ms.`)),
        requestTimeoutMs,
      );
      const abort = () => give(closedError());
      const end = () => {
        clock.clearTimeout(timer);
        open.delete(abort);
      };
      open.add(abort);
      const known = epoch();
      const context: RequestContext = {
        clientId,
        attempt: 1,
        signal: controller.signal,
        ...about,
        ...(known === null ? {} : { epoch: known }),
      };
      const settle = (finish: () => void) => {
        end();
        finish();
      };
      new Promise<T>((start) => start(run(context))).then(
        (answer) => settle(() => resolve(answer)),
        (error: unknown) => settle(() => reject(error)),
      );
    });
  }

  return {
    canBatch: apiClient.batch !== undefined,
    canPull: apiClient.changes !== undefined,
    canProbe: apiClient.probe !== undefined,
    isIdempotent: apiClient.capabilities?.idempotent === true,
    get: (collection, id) => call({}, (context) => apiClient.get(collection, id, context)),
    send: ({ request, entity, attempt }) =>
      call<unknown>({ attempt, idempotencyKey: request.idempotencyKey, updatedAt: request.timestamp }, (context) =>
        sendOne(apiClient, copyJson(request), copyJson(entity), context),
      ),
    sendAll: (batch) =>
      call<unknown>({ attempt: Math.max(...batch.map(({ attempt }) => attempt)) }, (context) =>
        apiClient.batch?.(batch.map(toBatchRequest), context),
      ),
    changes: (collection, query) => call<unknown>({}, (context) => apiClient.changes?.(collection, query, context)),
    probe: () => call({}, (context) => apiClient.probe?.(context) ?? Promise.resolve()),
    close() {
      closed = true;
      for (const abort of [...open]) abort();
    },
  };
}

async function sendOne(
  apiClient: ApiClient,
  request: SealedRequest,
  entity: ISyncEntity | null,
  context: RequestContext,
): Promise<unknown> {
  const { type, collection, entityId, baseVersion, patch } = request;
  if (type === 'delete') return apiClient.delete(collection, entityId, { baseVersion }, context);
  if (!entity) throw new Error('What is neither a deletion nor has an entity is not sent.');
  if (type === 'create') return apiClient.create(collection, entity, context);
  return apiClient.update(collection, entityId, { patch: patch ?? [], entity, baseVersion }, context);
}

function toBatchRequest({ request, entity }: Outgoing): SyncRequest {
  const { idempotencyKey, type, collection, entityId, patch, baseVersion, timestamp } = request;
  return {
    updatedAt: timestamp,
    idempotencyKey,
    type,
    collection,
    entityId,
    baseVersion,
    ...(entity ? { entity: copyJson(entity) } : {}),
    ...(patch ? { patch: copyJson(patch) } : {}),
  };
}

function closedError(): SyncError {
  return new SyncError('aborted', 'The service was closed.');
}
