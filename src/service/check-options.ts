import type { BuiltInStrategy, ConflictStrategy, FieldPolicy } from '../core/conflict.ts';
import { assertCollection } from '../core/entity-input.ts';
import { SyncError } from '../core/errors.ts';
import { parsePointer } from '../core/pointer.ts';
import type { ApiClient } from '../ports/api-client.ts';
import type { Environment } from '../ports/environment.ts';
import type { CollectionOptions, SyncOptions } from './options.ts';

type Names<T> = Readonly<Record<keyof T, true>>;

const strategies: readonly BuiltInStrategy[] = ['last-write-wins', 'merge', 'client-wins', 'server-wins', 'manual'];
const policies: readonly FieldPolicy[] = [
  'client-wins',
  'server-wins',
  'last-write-wins',
  'union',
  'counter',
  'manual',
];

const known: Names<SyncOptions> = {
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
};
const knownOfCollection: Names<CollectionOptions> = {
  conflict: true,
  fields: true,
  exclude: true,
  schema: true,
  references: true,
  pullLimit: true,
  detectConflicts: true,
};
const knownOfRetry: Names<NonNullable<SyncOptions['retry']>> = { baseMs: true, maxMs: true };
const knownOfRealTime: Names<Extract<SyncOptions['realTime'], { url: string }>> = {
  url: true,
  token: true,
  WebSocket: true,
};
const knownOfEnvironment: Names<Environment> = {
  clock: true,
  random: true,
  network: true,
  locks: true,
  tabs: true,
  page$: true,
};

/** Looks at what was passed in, before anything of it is used. Throws {@link SyncError} `invalid-option` that names the option. */
export function checkOptions(apiClient: ApiClient, options: SyncOptions): void {
  checkFunctions('apiClient', apiClient, ['get', 'create', 'update', 'delete']);
  if (typeof options !== 'object' || options === null)
    throw new SyncError('invalid-option', 'createSyncService takes its options as an object.');
  checkNames('', options, known);
  if (options.collections !== undefined) checkObject('collections', options.collections);
  for (const [name, each] of Object.entries(options.collections ?? {})) checkCollection(name, each);
  if (options.conflict !== undefined) checkStrategy('conflict', options.conflict);
  oneOf('order', options.order, ['entity', 'global']);
  for (const option of ['name', 'user'] as const) {
    if (options[option] !== undefined && typeof options[option] !== 'string') throw invalid(option, 'needs a string');
  }
  if (options.storage !== undefined)
    checkFunctions('storage', options.storage, ['getItem', 'setItem', 'removeItem', 'keys', 'clear']);
  if (options.encryption !== undefined) checkFunctions('encryption', options.encryption, ['encode', 'decode']);
  if (options.retry !== undefined) checkNames('retry', options.retry, knownOfRetry);
  if (options.inspect !== undefined && typeof options.inspect !== 'function')
    throw invalid('inspect', 'needs a function');
  if (options.realTime !== undefined) checkRealTime(options.realTime);
  if (options.environment !== undefined) checkEnvironment(options.environment);
}

function checkRealTime(realTime: NonNullable<SyncOptions['realTime']>): void {
  checkObject('realTime', realTime);
  if ('connect' in realTime) return checkFunctions('realTime', realTime, ['connect']);
  checkNames('realTime', realTime, knownOfRealTime);
  if (typeof realTime.url !== 'string') throw invalid('realTime.url', 'needs a string');
}

function checkEnvironment(environment: Partial<Environment>): void {
  checkNames('environment', environment, knownOfEnvironment);
  const { clock, random, network, locks, tabs, page$ } = environment;
  if (clock !== undefined) checkFunctions('environment.clock', clock, ['now', 'setTimeout', 'clearTimeout']);
  if (random !== undefined && typeof random !== 'function') throw invalid('environment.random', 'needs a function');
  if (network !== undefined) {
    checkObject('environment.network', network);
    checkFunctions('environment.network.changes$', network.changes$, ['subscribe']);
  }
  if (locks) checkFunctions('environment.locks', locks, ['request']);
  if (tabs) checkFunctions('environment.tabs', tabs, ['open']);
  if (page$ !== undefined) checkFunctions('environment.page$', page$, ['subscribe']);
}

function checkCollection(name: string, options: CollectionOptions): void {
  assertCollection(name);
  const at = `collections.${name}`;
  checkNames(at, options, knownOfCollection);
  if (options.conflict !== undefined) checkStrategy(`${at}.conflict`, options.conflict);
  oneOf(`${at}.detectConflicts`, options.detectConflicts, ['server', 'compare']);
  if (options.schema !== undefined) checkFunctions(`${at}.schema`, options.schema?.['~standard'], ['validate']);
  for (const option of ['fields', 'references'] as const)
    if (options[option] !== undefined) checkObject(`${at}.${option}`, options[option]);
  if (options.exclude !== undefined && !Array.isArray(options.exclude))
    throw invalid(`${at}.exclude`, 'needs a list of JSON Pointers');
  for (const policy of Object.values(options.fields ?? {}))
    if (typeof policy !== 'function') oneOf(`${at}.fields`, policy, policies);
  checkPointers(at, options);
  for (const target of Object.values(options.references ?? {})) assertCollection(target);
  if (options.pullLimit !== undefined) whole(`${at}.pullLimit`, options.pullLimit, 100_000);
}

function checkPointers(at: string, { exclude = [], fields = {}, references = {} }: CollectionOptions): void {
  for (const pointer of exclude) {
    if (['', '/id', '/updatedAt', '/version'].includes(pointer))
      throw invalid(`${at}.exclude`, `cannot hold ${JSON.stringify(pointer)}: an entity is not stored without it`);
    if (/^\/\*(?:\/|$)/.test(pointer))
      throw invalid(`${at}.exclude`, `cannot hold ${JSON.stringify(pointer)}: name the field that is excluded`);
  }
  for (const pointer of [...exclude, ...Object.keys(fields), ...Object.keys(references)]) {
    try {
      parsePointer(pointer);
    } catch {
      throw invalid(at, `${JSON.stringify(pointer)} is no JSON Pointer: it begins with "/"`);
    }
  }
}

function checkStrategy(option: string, strategy: ConflictStrategy): void {
  if (typeof strategy !== 'function') oneOf(option, strategy, strategies);
}

function checkObject(option: string, value: object): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(option, 'needs an object');
}

function checkNames<T extends object>(option: string, value: T, names: Names<T>): void {
  if (option !== '') checkObject(option, value);
  const other = Object.keys(value).find((name) => !Object.hasOwn(names, name));
  if (other === undefined) return;
  const at = option === '' ? other : `${option}.${other}`;
  throw invalid(at, `is none: there are ${Object.keys(names).join(', ')}`);
}

function checkFunctions(option: string, value: object | null | undefined, names: readonly string[]): void {
  const missing = names.find(
    (name) => typeof (value as Record<string, unknown> | null | undefined)?.[name] !== 'function',
  );
  if (missing !== undefined) throw invalid(option, `needs the function ${missing}`);
}

function oneOf<T>(option: string, value: T, allowed: readonly T[]): void {
  if (value !== undefined && !allowed.includes(value)) throw invalid(option, `needs one of: ${allowed.join(', ')}`);
}

/** Throws {@link SyncError} `invalid-option` unless it is a number of milliseconds above 0. */
export function positive(option: string, value: number): number {
  if (Number.isFinite(value) && value > 0) return value;
  throw invalid(option, 'needs a number of milliseconds above 0');
}

/** Throws {@link SyncError} `invalid-option` unless it is a whole number from 1 to `most`. */
export function whole(option: string, value: number, most: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw invalid(option, `needs a whole number from 1 to ${most}`);
}

function invalid(option: string, need: string): SyncError {
  return new SyncError('invalid-option', `The option ${option} ${need}.`, { path: `/${option.replaceAll('.', '/')}` });
}
