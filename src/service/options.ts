import type { InspectionEvent } from 'xstate';
import type { ConflictStrategy, FieldPolicies } from '../core/conflict.ts';
import type { EncryptionCodec } from '../ports/encryption.ts';
import type { Environment } from '../ports/environment.ts';
import type { RealTimeTransport, WebSocketConstructor } from '../ports/real-time.ts';
import type { StandardSchemaV1 } from '../ports/schema.ts';
import type { KeyValueStorage } from '../ports/storage.ts';
import type { TokenProvider } from '../ports/token.ts';

/** What is special about one collection. */
export interface CollectionOptions {
  /** Overrides the service's strategy. */
  conflict?: ConflictStrategy;
  /** By JSON Pointer, `*` for any key: how a field that both sides changed is merged under `'merge'`. */
  fields?: FieldPolicies;
  /**
   * JSON Pointers of sensitive fields: they never reach the disk nor a log. One that leads into an array, by an index or by
   * `*`, excludes the array.
   */
  exclude?: readonly string[];
  /**
   * Validates what the app writes, decides, loads and hands in (`receive`); what a resolver decides and does not fit is left to
   * the app. What the feed tells is not asked about. Any Standard Schema library that answers at once.
   */
  schema?: StandardSchemaV1;
  /** JSON Pointer of a field that holds an id → the collection it refers to: a child waits for its parent's create, unless `order` is `'global'`. */
  references?: Readonly<Record<string, string>>;
  /** Entities per page of the change feed. Default 500. */
  pullLimit?: number;
  /** `'compare'`: read before write, for backends without versions. Default `'server'`. */
  detectConflicts?: 'server' | 'compare';
}

/** Everything has a default. What is not known, or has another type, throws `invalid-option`. */
export interface SyncOptions {
  /** Namespace of the local data. Default `'default'`. */
  name?: string;
  /** Principal that local data and queue belong to: another user never sees or sends them. */
  user?: string;
  /** Anything shaped like a localforage instance. Default: localforage in browsers, memory elsewhere. */
  storage?: KeyValueStorage;
  /** Default `'merge'`. */
  conflict?: ConflictStrategy;
  collections?: Readonly<Record<string, CollectionOptions>>;
  /** Default: the ApiClient's own. */
  realTime?: RealTimeTransport | { url: string; token?: TokenProvider; WebSocket?: WebSocketConstructor };
  /** Catch-up without a socket, in milliseconds. */
  pullIntervalMs?: number;
  /** Default `'entity'`: entities do not wait for each other. */
  order?: 'entity' | 'global';
  /** Requests per batch, 1 to 1,000. Default 100. */
  batchSize?: number;
  /** Requests in flight without `batch`, 1 to 64. Default 6. */
  concurrency?: number;
  /** Full jitter between 0 and min(maxMs, baseMs * 2^attempt). Default 1,000 and 60,000. Never gives up. */
  retry?: { baseMs?: number; maxMs?: number };
  /** Default 30,000. */
  requestTimeoutMs?: number;
  encryption?: EncryptionCodec;
  /** Injected for tests and simulation. */
  environment?: Partial<Environment>;
  /** XState inspection events of every actor. What it throws is reported as uncaught, and stops nothing. */
  inspect?: (event: InspectionEvent) => void;
}
