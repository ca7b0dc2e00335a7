import { assertCollection } from '../core/entity-input.ts';
import { SyncError } from '../core/errors.ts';
import { isObject } from '../core/json.ts';
import type { SyncServerOptions } from './options.ts';

type Fits = (value: unknown) => boolean;
type SchemasByName = { readonly [collection: string]: { readonly '~standard'?: unknown } | null | undefined };

const isFunction: Fits = (value) => typeof value === 'function';
const isString: Fits = (value) => typeof value === 'string';
const aFunction = { need: 'a function', fits: isFunction };

function having(...names: readonly string[]): Fits {
  return (value) => isObject(value) && names.every((name) => isFunction(value[name]));
}

const checks: { readonly [K in keyof SyncServerOptions]-?: { readonly need: string; readonly fits: Fits } } = {
  database: {
    need: 'the name of a file, ":memory:", or a store',
    fits: (database) => isString(database) || having('read', 'transaction', 'expire', 'close')(database),
  },
  restored: { need: 'true or false', fits: (restored) => typeof restored === 'boolean' },
  fanout: {
    need: '"local", or a fan-out',
    fits: (fanout) => isString(fanout) || having('publish', 'subscribe', 'close')(fanout),
  },
  authenticate: aFunction,
  authorize: aFunction,
  validate: { need: 'an object of Standard Schemas', fits: areSchemas },
  origins: { need: 'a list of origins', fits: (origins) => Array.isArray(origins) && origins.every(isString) },
  limits: { need: 'an object of limits', fits: isObject },
  reportFailure: aFunction,
  clock: { need: 'a clock', fits: having('now', 'setTimeout', 'clearTimeout') },
  random: aFunction,
};

function areSchemas(schemas: unknown): boolean {
  if (!isObject(schemas)) return false;
  for (const name of Object.keys(schemas)) assertCollection(name);
  return Object.values(schemas as SchemasByName).every((schema) => having('validate')(schema?.['~standard']));
}

/**
 * Looks at what was passed in, before anything of it is used: a hook under a wrong name would let everyone in. Throws
 * {@link SyncError} `invalid-option` that names the option, and `invalid-collection`.
 */
export function checkServerOptions(options: SyncServerOptions): void {
  if (!isObject(options)) throw new SyncError('invalid-option', 'createSyncServer takes its options as an object.');
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(checks, name)) throw invalid(name, `is none: there are ${Object.keys(checks).join(', ')}`);
    const { need, fits } = checks[name as keyof SyncServerOptions];
    if (value !== undefined && !fits(value)) throw invalid(name, `needs ${need}`);
  }
}

function invalid(name: string, need: string): SyncError {
  return new SyncError('invalid-option', `The option ${name} ${need}.`, { path: `/${name}` });
}
