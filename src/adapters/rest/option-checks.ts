import { parsePointer } from '../../core/pointer.ts';
import { isObject } from '../../core/json.ts';
import { invalidOption } from '../../core/option-checks.ts';
import { variablesOf } from './path-template.ts';

/** Throws unless every name of `options` is known. */
export function checkNames(at: string, options: unknown, names: Readonly<Record<string, true>>): void {
  if (!isObject(options)) throw invalidOption(at === '' ? 'options' : at, 'needs an object of options');
  const other = Object.keys(options).find((name) => !Object.hasOwn(names, name));
  if (other === undefined) return;
  throw invalidOption(at === '' ? other : `${at}.${other}`, `is none: there are ${Object.keys(names).join(', ')}`);
}

/** Throws unless the value is one of those allowed, or absent. */
export function checkOneOf<T>(at: string, value: T, allowed: readonly T[]): void {
  if (value === undefined || allowed.includes(value)) return;
  throw invalidOption(at, `needs one of: ${allowed.join(', ')}`);
}

/** The tokens of a JSON Pointer that an option holds. */
export function readPointer(at: string, pointer: unknown): readonly string[] {
  try {
    if (typeof pointer === 'string') return parsePointer(pointer);
  } catch {
    throw invalidOption(at, `needs a JSON Pointer, empty or beginning with "/": ${JSON.stringify(pointer)} is none`);
  }
  throw invalidOption(at, 'needs a JSON Pointer');
}

/** As {@link readPointer}; null when the option is absent. */
export function readOptionalPointer(at: string, pointer: unknown): readonly string[] | null {
  return pointer === undefined || pointer === null ? null : readPointer(at, pointer);
}

/** The tokens of a JSON Pointer to a member: not the empty one. */
export function readMemberPointer(at: string, pointer: unknown): readonly string[] {
  const tokens = readPointer(at, pointer);
  if (tokens.length > 0 && !tokens.includes('__proto__')) return tokens;
  throw invalidOption(at, 'needs a JSON Pointer to a member, such as "/id"');
}

/** Throws unless the option is a function, or a path template with none but these variables. */
export function checkPath(at: string, path: unknown, variables: readonly string[]): void {
  if (typeof path === 'function') return;
  if (typeof path !== 'string' || !path.startsWith('/')) {
    throw invalidOption(at, 'needs a path that begins with "/", or a function that gives one');
  }
  const other = variablesOf(path).find((name) => !variables.includes(name));
  if (other !== undefined) {
    throw invalidOption(at, `has no variable {${other}}: there are ${variables.map((name) => `{${name}}`).join(', ')}`);
  }
}

/** A whole number from `least` to `most`, or its default. */
export function readWhole(
  at: string,
  value: number | undefined,
  [least, most]: readonly [number, number],
  otherwise: number,
): number {
  if (value === undefined) return otherwise;
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw invalidOption(at, `needs a whole number from ${least} to ${most}`);
}

/** Throws unless the option is a string that can name a header, or absent. */
export function checkHeaderName(at: string, name: unknown): void {
  if (name === undefined || (typeof name === 'string' && /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name))) return;
  throw invalidOption(at, 'needs the name of a header');
}
