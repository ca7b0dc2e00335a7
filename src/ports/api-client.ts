import type { ISyncEntity, Version } from '../core/entity.ts';
import type { JsonPatch } from '../core/json.ts';
import type { SyncRequest } from '../core/operation.ts';
import type { ChangePage, ServerRecord } from '../core/record.ts';
import type { RealTimeTransport } from './real-time.ts';

/** What accompanies every call. */
export interface RequestContext {
  readonly clientId: string;
  /** Set for writes; the same on every attempt. */
  readonly idempotencyKey?: string;
  /** Of a write: when the user made the change, ISO 8601, by the client's clock. */
  readonly updatedAt?: string;
  /** 1 for the first try. */
  readonly attempt: number;
  /** The life of the server's data that the client knows. */
  readonly epoch?: string;
  readonly signal: AbortSignal;
}

/** Answer to one request of a batch: matched by key, never by position. `error` is what would have been thrown. */
export type RequestOutcome =
  | { readonly idempotencyKey: string; readonly record: ServerRecord }
  | { readonly idempotencyKey: string; readonly error: unknown };

/**
 * The backend. Four functions connect any; the rest are optional capabilities that are used when present.
 *
 * Failure is reported by throwing: `ConflictError`, `RejectedError`, `UnauthorizedError`, `ForbiddenError`,
 * `NotFoundError`, `TooLargeError`, `RateLimitedError`, `UnavailableError`, `BadResponseError`, `CursorExpiredError`.
 * Any other throw, a timeout, or a value that is not a `ServerRecord` means that the outcome is unknown: the same
 * request is sent again under the same key. Nothing thrown ever removes an operation.
 */
export interface ApiClient {
  get(collection: string, id: string, context: RequestContext): Promise<ServerRecord | null>;
  create(collection: string, entity: ISyncEntity, context: RequestContext): Promise<ServerRecord>;
  update(
    collection: string,
    id: string,
    change: { readonly patch: JsonPatch; readonly entity: ISyncEntity; readonly baseVersion: Version | null },
    context: RequestContext,
  ): Promise<ServerRecord>;
  delete(
    collection: string,
    id: string,
    change: { readonly baseVersion: Version | null },
    context: RequestContext,
  ): Promise<ServerRecord | void>;
  /** Many requests of different entities at once. A throw leaves every member's outcome unknown. */
  batch?(requests: readonly SyncRequest[], context: RequestContext): Promise<readonly RequestOutcome[]>;
  /** The change feed of a collection after `cursor`; null: everything, as a snapshot. */
  changes?(
    collection: string,
    query: { readonly cursor: string | null; readonly limit: number },
    context: RequestContext,
  ): Promise<ChangePage>;
  /** Resolves only if the real backend answered. */
  probe?(context: RequestContext): Promise<void>;
  realTime?: RealTimeTransport;
  capabilities?: {
    /** A repeated idempotency key is recognised and gets the first answer. */
    readonly idempotent?: boolean;
    /** Versions are numbers that grow with each change of an entity. */
    readonly orderedVersions?: boolean;
  };
  /** Backend's clock minus ours in milliseconds, as far as answers told; null before. */
  clockOffsetMs?(): number | null;
}
