import { fromPromise, type PromiseActorLogic } from 'xstate';
import { createBackOff, type BackOff } from '../actors/back-off.ts';
import { createDefaultStorage } from '../adapters/storage/default-storage.ts';
import { isVolatile } from '../adapters/storage/memory-storage.ts';
import { createEnvironment } from '../adapters/browser/environment.ts';
import { createWebSocketTransport } from '../adapters/web-socket/web-socket-transport.ts';
import type { ConflictStrategy, FieldPolicies } from '../core/conflict.ts';
import type { ApiClient } from '../ports/api-client.ts';
import type { EncryptionCodec } from '../ports/encryption.ts';
import type { Environment } from '../ports/environment.ts';
import type { RealTimeTransport } from '../ports/real-time.ts';
import type { KeyValueStorage } from '../ports/storage.ts';
import { checkOptions } from './check-options.ts';
import type { CollectionOptions, SyncOptions } from './options.ts';

/** The options with their defaults, checked. */
export interface Settings {
  readonly name: string;
  readonly user: string;
  readonly environment: Environment;
  readonly storage: KeyValueStorage;
  /** Other tabs use the same storage, and can be talked to (S34). */
  readonly isShared: boolean;
  readonly transport: RealTimeTransport | null;
  /** The longest delay between attempts. */
  readonly maxDelayMs: number;
  readonly backOff: BackOff;
  readonly requestTimeoutMs: number;
  readonly order: 'entity' | 'global';
  readonly batchSize: number;
  readonly concurrency: number;
  readonly pullIntervalMs: number | null;
  readonly encryption: EncryptionCodec | undefined;
  readonly declared: readonly string[];
  /** Some of what entities hold must not lie on the disk as it is. */
  readonly isSecretive: boolean;
  /** Some collection declares what its entities refer to. */
  readonly hasReferences: boolean;
  /** Asks for a fresh token ahead of the request that needs it. Token providers are asked again by the clients themselves. */
  readonly refreshToken: PromiseActorLogic<void>;
  collection(name: string): CollectionOptions;
  strategy(collection: string): ConflictStrategy;
  policies(collection: string): FieldPolicies | undefined;
  isCompared(collection: string): boolean;
  pullLimit(collection: string): number;
}

const noOptions: CollectionOptions = {};

/** Reads the options. Throws {@link SyncError} `invalid-option` that names the option. */
export function readSettings(apiClient: ApiClient, options: SyncOptions): Settings {
  checkOptions(apiClient, options);
  const environment = createEnvironment(options.environment);
  const collections = options.collections ?? {};
  const baseMs = options.retry?.baseMs ?? 1_000;
  const maxMs = Math.max(baseMs, options.retry?.maxMs ?? 60_000);
  const of = (name: string) => (Object.hasOwn(collections, name) ? (collections[name] ?? noOptions) : noOptions);
  const name = options.name ?? 'default';
  const storage = options.storage ?? createDefaultStorage(name);
  return {
    name,
    user: options.user ?? '',
    environment,
    storage,
    isShared: environment.tabs !== null && (options.storage ? isOpenToTabs(options) : !isVolatile(storage)),
    transport: transportOf(apiClient, options, environment),
    maxDelayMs: maxMs,
    backOff: createBackOff({ baseMs, maxMs, random: () => environment.random() }),
    requestTimeoutMs: options.requestTimeoutMs ?? 30_000,
    order: options.order ?? 'entity',
    batchSize: options.batchSize ?? 100,
    concurrency: options.concurrency ?? 6,
    pullIntervalMs: options.pullIntervalMs ?? null,
    encryption: options.encryption,
    isSecretive:
      options.encryption !== undefined ||
      Object.values(collections).some(({ exclude }) => exclude !== undefined && exclude.length > 0),
    declared: Object.keys(collections),
    hasReferences: Object.values(collections).some(({ references }) => references !== undefined),
    refreshToken: fromPromise<void>(async () => undefined),
    collection: of,
    strategy: (collection) => of(collection).conflict ?? options.conflict ?? 'merge',
    policies: (collection) => of(collection).fields,
    isCompared: (collection) => of(collection).detectConflicts === 'compare',
    pullLimit: (collection) => of(collection).pullLimit ?? 500,
  };
}

/** A storage that is passed in is private, unless what tabs share is passed in, too. */
function isOpenToTabs({ environment }: SyncOptions): boolean {
  return environment?.tabs !== undefined && environment.locks !== undefined;
}

function transportOf(apiClient: ApiClient, options: SyncOptions, { clock }: Environment): RealTimeTransport | null {
  const { realTime } = options;
  if (!realTime) return apiClient.realTime ?? null;
  return 'connect' in realTime ? realTime : createWebSocketTransport({ ...realTime, clock });
}
