import type { BuiltInStrategy, FieldPolicy } from '../core/conflict.ts';
import { assertCollection } from '../core/entity-input.ts';
import {
  anything,
  checkMembers,
  checkOptionsOf,
  clock,
  having,
  invalidOption,
  object,
  ofType,
  oneOf,
  orNull,
  typeOr,
  type Check,
  type Checks,
} from '../core/option-checks.ts';
import { parsePointer } from '../core/pointer.ts';
import type { ApiClient } from '../ports/api-client.ts';
import type { Environment } from '../ports/environment.ts';
import type { CollectionOptions, SyncOptions } from './options.ts';

type Retry = NonNullable<SyncOptions['retry']>;
type SocketOptions = Extract<SyncOptions['realTime'], { url: string }>;

const strategies: readonly BuiltInStrategy[] = ['last-write-wins', 'merge', 'client-wins', 'server-wins', 'manual'];
const policies: readonly FieldPolicy[] = [
  'client-wins',
  'server-wins',
  'last-write-wins',
  'union',
  'counter',
  'manual',
];

const text = ofType('string');
const callable = ofType('function');
const observable = having('subscribe');
const strategy = typeOr('function', oneOf(strategies));
const policy = typeOr('function', oneOf(policies));

const environmentChecks: Checks<Environment> = {
  clock,
  random: callable,
  network(option, network) {
    object(option, network);
    observable(`${option}.changes$`, network.changes$);
  },
  locks: orNull(having('request')),
  tabs: orNull(having('open')),
  page$: observable,
};

const collectionChecks: Checks<CollectionOptions> = {
  conflict: strategy,
  fields(option, fields) {
    object(option, fields);
    for (const each of Object.values(fields)) policy(option, each);
  },
  exclude(option, exclude) {
    if (!Array.isArray(exclude)) throw invalidOption(option, 'needs a list of JSON Pointers');
  },
  schema: (option, schema) => having('validate')(option, schema?.['~standard']),
  references(option, references) {
    object(option, references);
    for (const target of Object.values(references)) assertCollection(target);
  },
  pullLimit: whole(100_000),
  detectConflicts: oneOf(['server', 'compare']),
};

const optionChecks: Checks<SyncOptions> = {
  name: text,
  user: text,
  storage: having('getItem', 'setItem', 'removeItem', 'keys', 'clear'),
  conflict: strategy,
  collections(option, collections) {
    object(option, collections);
    for (const [name, each] of Object.entries(collections)) checkCollection(name, `${option}.${name}`, each);
  },
  realTime(option, realTime) {
    object(option, realTime);
    if ('connect' in realTime) return having('connect')(option, realTime);
    checkMembers<SocketOptions>(option, realTime, { url: anything, token: anything, WebSocket: anything });
    text(`${option}.url`, realTime.url);
  },
  pullIntervalMs: milliseconds,
  order: oneOf(['entity', 'global']),
  batchSize: whole(1_000),
  concurrency: whole(64),
  retry: (option, retry) => checkMembers<Retry>(option, retry, { baseMs: milliseconds, maxMs: milliseconds }),
  requestTimeoutMs: milliseconds,
  encryption: having('encode', 'decode'),
  environment: (option, environment) => checkMembers<Partial<Environment>>(option, environment, environmentChecks),
  inspect: callable,
};

/** Looks at what was passed in, before anything of it is used. Throws {@link SyncError} `invalid-option` that names the option. */
export function checkOptions(apiClient: ApiClient, options: SyncOptions): void {
  having('get', 'create', 'update', 'delete')('apiClient', apiClient);
  checkOptionsOf('createSyncService', options, optionChecks);
}

function checkCollection(name: string, option: string, options: CollectionOptions): void {
  assertCollection(name);
  checkMembers(option, options, collectionChecks);
  const { exclude = [], fields = {}, references = {} } = options;
  for (const pointer of exclude) {
    if (['', '/id', '/updatedAt', '/version'].includes(pointer))
      throw invalidOption(
        `${option}.exclude`,
        `cannot hold ${JSON.stringify(pointer)}: an entity is not stored without it`,
      );
    if (/^\/\*(?:\/|$)/.test(pointer))
      throw invalidOption(
        `${option}.exclude`,
        `cannot hold ${JSON.stringify(pointer)}: name the field that is excluded`,
      );
  }
  for (const pointer of [...exclude, ...Object.keys(fields), ...Object.keys(references)]) {
    try {
      parsePointer(pointer);
    } catch {
      throw invalidOption(option, `${JSON.stringify(pointer)} is no JSON Pointer: it begins with "/"`);
    }
  }
}

function milliseconds(option: string, value: unknown): void {
  if (!Number.isFinite(value) || (value as number) <= 0)
    throw invalidOption(option, 'needs a number of milliseconds above 0');
}

function whole(most: number): Check {
  return (option, value) => {
    if (!Number.isInteger(value) || (value as number) < 1 || (value as number) > most)
      throw invalidOption(option, `needs a whole number from 1 to ${most}`);
  };
}
