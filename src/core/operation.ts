import type { ISyncEntity, Version } from './entity.ts';
import type { SyncErrorInfo } from './errors.ts';
import type { JsonPatch } from './json.ts';

/** What an operation does to its entity. */
export type OperationType = 'create' | 'update' | 'delete';

/** `unknown`: sent at least once without an answer; the same request is sent again. */
export type OperationStatus = 'pending' | 'sending' | 'unknown' | 'conflicted' | 'parked';

/** One create, update or delete, as the app wrote it. */
export interface ISyncOperation {
  /** UUIDv7 (RFC 9562), never changes. */
  id: string;
  /** Of the sealed request that carries it, once there is one. */
  idempotencyKey?: string;
  /** The writer: one open service in one page load or process. For tracking, never for security. */
  clientId: string;
  /** 1, 2, 3 … per `clientId`. */
  sequence: number;
  type: OperationType;
  /** `[A-Za-z0-9_-]{1,64}` */
  collection: string;
  entityId: string;
  /** The whole entity of a create. */
  entity?: ISyncEntity;
  /** The changed fields of an update, relative to the result of the operation before it. */
  patch?: JsonPatch;
  baseVersion: Version | null;
  /** ISO 8601 with a counter as extra fraction digits: a hybrid logical clock, monotone per client. */
  timestamp: string;
  status: OperationStatus;
  attempts: number;
  error?: SyncErrorInfo;
}

/** What is sent: immutable content under one idempotency key, the same on every attempt. */
export interface SyncRequest {
  readonly idempotencyKey: string;
  readonly type: OperationType;
  readonly collection: string;
  readonly entityId: string;
  readonly entity?: ISyncEntity;
  readonly patch?: JsonPatch;
  readonly baseVersion: Version | null;
  /** When the user made the change, ISO 8601, by the client's clock. */
  readonly updatedAt?: string;
}
