import { fromPromise, type PromiseActorLogic } from 'xstate';
import { createDefaultStorage } from '../adapters/storage/default-storage.ts';
import { isVolatile } from '../adapters/storage/memory-storage.ts';
import { createEnvironment } from '../adapters/browser/environment.ts';
import { createWebSocketTransport } from '../adapters/web-socket/web-socket-transport.ts';
import { assertCollection } from '../core/entity-input.ts';
import type { BuiltInStrategy, ConflictStrategy, FieldPolicies, FieldPolicy } from '../core/conflict.ts';
import { SyncError } from '../core/errors.ts';
import { parsePointer } from '../core/pointer.ts';
import type { ApiClient } from '../ports/api-client.ts';
import type { EncryptionCodec } from '../ports/encryption.ts';
import type { Environment } from '../ports/environment.ts';
import type { RealTimeTransport } from '../ports/real-time.ts';
import type { KeyValueStorage } from '../ports/storage.ts';
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
  readonly retry: { readonly baseMs: number; readonly maxMs: number };
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
const storageMethods = ['getItem', 'setItem', 'removeItem', 'keys', 'clear'] as const;
const strategies: readonly BuiltInStrategy[] = ['last-write-wins', 'merge', 'client-wins', 'server-wins', 'manual'];
const policies: readonly FieldPolicy[] = [
  'client-wins',
  'server-wins',
  'last-write-wins',
  'union',
  'counter',
  'manual',
];

const known = {
  name: true,
  user: true,
  storage: true,
  conflict: true,
  collections: true,
  realTime: true,
  pullIntervalMs: true,
  order: true,
  batchSize: true,
  concurrency: true,
  retry: true,
  requestTimeoutMs: true,
  encryption: true,
  environment: true,
  inspect: true,
} satisfies Record<keyof SyncOptions, true>;
const knownOfCollection = {
  conflict: true,
  fields: true,
  exclude: true,
  schema: true,
  references: true,
  pullLimit: true,
  detectConflicts: true,
} satisfies Record<keyof CollectionOptions, true>;

/** Reads the options. Throws {@link SyncError} `invalid-option` that names the option. */
export function readSettings(apiClient: ApiClient, options: SyncOptions): Settings {
  checkNames('', options, known);
  const collections = options.collections ?? {};
  for (const [name, each] of Object.entries(collections)) checkCollection(name, each);
  for (const method of ['get', 'create', 'update', 'delete'] as const) {
    if (typeof apiClient?.[method] !== 'function') throw invalid('apiClient', `needs the function ${method}`);
  }
  if (options.conflict !== undefined) checkStrategy('conflict', options.conflict);
  oneOf('order', options.order, ['entity', 'global']);
  for (const option of ['name', 'user'] as const) {
    if (options[option] !== undefined && typeof options[option] !== 'string') throw invalid(option, 'needs a string');
  }
  for (const method of storageMethods) {
    if (options.storage && typeof options.storage[method] !== 'function')
      throw invalid('storage', `needs the function ${method}`);
  }
  const environment = createEnvironment(options.environment);
  const baseMs = positive('retry.baseMs', options.retry?.baseMs ?? 1_000);
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
    retry: { baseMs, maxMs: Math.max(baseMs, positive('retry.maxMs', options.retry?.maxMs ?? 60_000)) },
    requestTimeoutMs: positive('requestTimeoutMs', options.requestTimeoutMs ?? 30_000),
    order: options.order ?? 'entity',
    batchSize: whole('batchSize', options.batchSize ?? 100, 1_000),
    concurrency: whole('concurrency', options.concurrency ?? 6, 64),
    pullIntervalMs: options.pullIntervalMs === undefined ? null : positive('pullIntervalMs', options.pullIntervalMs),
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

function checkNames(prefix: string, options: object, names: Readonly<Record<string, true>>): void {
  const other = Object.keys(options).find((name) => !Object.hasOwn(names, name));
  if (other !== undefined) throw invalid(`${prefix}${other}`, `is none: there are ${Object.keys(names).join(', ')}`);
}

function checkCollection(name: string, options: CollectionOptions): void {
  assertCollection(name);
  checkNames(`collections.${name}.`, options, knownOfCollection);
  const at = `collections.${name}`;
  if (options.conflict !== undefined) checkStrategy(`${at}.conflict`, options.conflict);
  oneOf(`${at}.detectConflicts`, options.detectConflicts, ['server', 'compare']);
  for (const policy of Object.values(options.fields ?? {}))
    if (typeof policy !== 'function') oneOf(`${at}.fields`, policy, policies);
  for (const pointer of options.exclude ?? []) {
    if (['', '/id', '/updatedAt', '/version'].includes(pointer))
      throw invalid(`${at}.exclude`, `cannot hold ${JSON.stringify(pointer)}: an entity is not stored without it`);
    if (/^\/\*(?:\/|$)/.test(pointer))
      throw invalid(`${at}.exclude`, `cannot hold ${JSON.stringify(pointer)}: name the field that is excluded`);
  }
  const pointers = [
    ...(options.exclude ?? []),
    ...Object.keys(options.fields ?? {}),
    ...Object.keys(options.references ?? {}),
  ];
  for (const pointer of pointers) {
    try {
      parsePointer(pointer);
    } catch {
      throw invalid(at, `${JSON.stringify(pointer)} is no JSON Pointer: it begins with "/"`);
    }
  }
  for (const target of Object.values(options.references ?? {})) assertCollection(target);
  if (options.pullLimit !== undefined) whole(`${at}.pullLimit`, options.pullLimit, 100_000);
}

function checkStrategy(option: string, strategy: ConflictStrategy): void {
  if (typeof strategy !== 'function') oneOf(option, strategy, strategies);
}

function oneOf<T>(option: string, value: T, allowed: readonly T[]): void {
  if (value !== undefined && !allowed.includes(value)) throw invalid(option, `needs one of: ${allowed.join(', ')}`);
}

function positive(option: string, value: number): number {
  if (Number.isFinite(value) && value > 0) return value;
  throw invalid(option, 'needs a number of milliseconds above 0');
}

function whole(option: string, value: number, most: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw invalid(option, `needs a whole number from 1 to ${most}`);
}

function invalid(option: string, need: string): SyncError {
  return new SyncError('invalid-option', `The option ${option} ${need}.`, { path: `/${option.replaceAll('.', '/')}` });
}
