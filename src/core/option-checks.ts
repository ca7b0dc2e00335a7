import { SyncError } from './errors.ts';
import { isObject } from './json.ts';

/** Looks at what was passed as an option. Throws {@link SyncError} `invalid-option` that names it. */
export type Check<T = unknown> = (option: string, value: T) => void;

/** A check for each member that may be there. */
export type Checks<T> = { readonly [K in keyof T]-?: Check<Exclude<T[K], undefined>> };

/** The refusal of an option, by its name with dots. */
export function invalidOption(option: string, need: string): SyncError {
  return new SyncError('invalid-option', `The option ${option} ${need}.`, { path: `/${option.replaceAll('.', '/')}` });
}

/** The options of a function of the library. One that is none is refused by its name, since it may be a misspelt one. */
export function checkOptionsOf<T extends object>(caller: string, options: T, checks: Checks<T>): void {
  if (!isObject(options)) throw new SyncError('invalid-option', `${caller} takes its options as an object.`);
  checkMembers('', options, checks);
}

/** The members of an option. */
export function checkMembers<T extends object>(option: string, value: T, checks: Checks<T>): void {
  object(option, value);
  const nameOf = (member: string) => (option === '' ? member : `${option}.${member}`);
  const other = Object.keys(value).find((member) => !Object.hasOwn(checks, member));
  if (other !== undefined) throw invalidOption(nameOf(other), `is none: there are ${Object.keys(checks).join(', ')}`);
  for (const member of Object.keys(checks) as (keyof T & string)[])
    if (value[member] !== undefined)
      checks[member](nameOf(member), value[member] as Exclude<(typeof value)[typeof member], undefined>);
}

export function anything(): void {}

export function object(option: string, value: unknown): void {
  if (!isObject(value)) throw invalidOption(option, 'needs an object');
}

export function ofType(type: 'string' | 'function' | 'boolean'): Check {
  return (option, value) => {
    if (typeof value !== type) throw invalidOption(option, `needs a ${type}`);
  };
}

/** What has these functions. */
export function having(...names: readonly string[]): Check {
  return (option, value) => {
    const members = value as Readonly<Record<string, unknown>> | null | undefined;
    const missing = names.find((name) => typeof members?.[name] !== 'function');
    if (missing !== undefined) throw invalidOption(option, `needs the function ${missing}`);
  };
}

export function oneOf(allowed: readonly unknown[]): Check {
  return (option, value) => {
    if (!allowed.includes(value)) throw invalidOption(option, `needs one of: ${allowed.join(', ')}`);
  };
}

export function typeOr(type: 'string' | 'function', check: Check): Check {
  return (option, value) => {
    if (typeof value !== type) check(option, value);
  };
}

export function orNull(check: Check): Check {
  return (option, value) => {
    if (value !== null) check(option, value);
  };
}

export const clock = having('now', 'setTimeout', 'clearTimeout');
