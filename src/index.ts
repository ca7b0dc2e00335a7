export { createHttpApiClient, type HttpApiClient, type HttpApiClientOptions } from './adapters/http/http-api-client.ts';
export {
  createWebSocketTransport,
  type WebSocketTransportOptions,
} from './adapters/web-socket/web-socket-transport.ts';
export type {
  BuiltInStrategy,
  Conflict,
  ConflictRecord,
  ConflictResolver,
  ConflictStrategy,
  FieldPolicies,
  FieldPolicy,
  Resolution,
} from './core/conflict.ts';
export { createDiffCalculator, type IDiffCalculator } from './core/diff-calculator.ts';
export type { MergeConflict } from './core/merge-context.ts';
export type { Draft, ISyncEntity, Version } from './core/entity.ts';
export {
  BadResponseError,
  CaptivePortalError,
  ConflictError,
  CursorExpiredError,
  EpochChangedError,
  ForbiddenError,
  MisconfiguredError,
  NotFoundError,
  RateLimitedError,
  RejectedError,
  SyncError,
  TooLargeError,
  UnauthorizedError,
  UnavailableError,
  type SyncErrorCode,
  type SyncErrorInfo,
  type SyncErrorOptions,
} from './core/errors.ts';
export type { Json, JsonObject, JsonPatch, JsonPatchOperation } from './core/json.ts';
export type { ISyncOperation, OperationStatus, OperationType, SyncRequest } from './core/operation.ts';
export type { ChangePage, RemoteChange, ServerRecord } from './core/record.ts';
export { builtInResolvers, type BuiltInResolver, type ResolutionContext } from './core/resolve.ts';
export type { ApiClient, RequestContext, RequestOutcome } from './ports/api-client.ts';
export type { EncryptionCodec } from './ports/encryption.ts';
export type {
  Clock,
  Environment,
  LockPort,
  NetworkSignals,
  PageSignal,
  TabChannel,
  TabChannelPort,
} from './ports/environment.ts';
export type {
  RealTimeChannel,
  RealTimeMessage,
  RealTimeSession,
  RealTimeTransport,
  WebSocketConstructor,
} from './ports/real-time.ts';
export type { StandardIssue, StandardResult, StandardSchemaV1 } from './ports/schema.ts';
export type { KeyValueStorage } from './ports/storage.ts';
export type { TokenProvider } from './ports/token.ts';
export type {
  Changes,
  Collection,
  CollectionChange,
  EntityStatus,
  LiveQuery,
  QueryOptions,
  Write,
} from './service/collection.ts';
export type { IConflictLog } from './service/conflict-log.ts';
export { createSyncService } from './service/create-sync-service.ts';
export type { SyncEvent } from './service/events.ts';
export type { IOfflineQueue } from './service/offline-queue.ts';
export type { CollectionOptions, SyncOptions } from './service/options.ts';
export type { IRealTimeSync, RealTimeEntity } from './service/real-time-sync.ts';
export type { Blocker, SyncState } from './service/state.ts';
export type { AnyCollections, Collections, EntityOf, ISyncService, WriteOptions } from './service/sync-service.ts';
