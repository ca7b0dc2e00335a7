import fc from 'fast-check';
import { expect } from 'vitest';
import { SyncError } from '../../src/core/errors.ts';
import type { Json } from '../../src/core/json.ts';

/** How many of each kind of input the library has to bear (G22). */
export const hostileInputs = 10_000;

const builtIns: object[] = [
  Object,
  Array,
  Function,
  String,
  Number,
  Boolean,
  Map,
  Set,
  JSON,
  Promise,
  Date,
  Symbol,
].flatMap((each) => ('prototype' in each ? [each, each.prototype as object] : [each]));

function snapshot(): unknown[] {
  return builtIns.map((each) => [Object.getPrototypeOf(each), Object.getOwnPropertyDescriptors(each)]);
}

const before = snapshot();

/** Fails when a prototype or a member of a built-in is not what it was when this file was loaded. */
export function expectBuiltInsUntouched(): void {
  for (const [index, each] of builtIns.entries()) {
    const [prototype, descriptors] = before[index] as [unknown, Record<PropertyKey, PropertyDescriptor>];
    if (Object.getPrototypeOf(each) !== prototype) expect.unreachable('a prototype was changed');
    const keys = Reflect.ownKeys(descriptors);
    if (Reflect.ownKeys(each).length !== keys.length) expect.unreachable('a built-in has other members');
    for (const key of keys) {
      const now = Object.getOwnPropertyDescriptor(each, key);
      const then = descriptors[key];
      if (!Object.is(now?.value, then?.value) || now?.get !== then?.get || now?.set !== then?.set) {
        expect.unreachable(`${String(key)} was changed`);
      }
    }
  }
}

/** Names that mean something to a careless program. */
export const hostileToken = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty', 'assign', 'length'),
  fc.constantFrom('push', 'map', 'toJSON', 'then', '__defineGetter__', '__lookupSetter__', 'call', 'name', 'caller'),
  fc.constantFrom('0', '-', '-1', '01', '1e3', '4294967295', '', ' ', '~', '/', '\u0000', 'list', 'inner'),
);
const deepJson = fc
  .tuple(fc.constantFrom('[', '{"__proto__":', '{"constructor":'), fc.constantFrom(3, 60, 64, 65, 5_000))
  .map(([open, levels]) => open.repeat(levels) + (open === '[' ? '' : '1') + (open === '[' ? ']' : '}').repeat(levels))
  .map((text): Json => JSON.parse(text));
/** An object whose keys are such names, and which may be far too deep. */
export const hostileObject = fc
  .array(fc.tuple(hostileToken, fc.oneof(fc.constantFrom<Json>(null, 1, 'x', {}, []), deepJson)), { maxLength: 4 })
  .map((entries): Json => Object.fromEntries(entries));
/** Any JSON of that kind. */
export const hostileValue = fc.oneof(hostileObject, deepJson, fc.constantFrom<Json>(null, 0, '__proto__', { x: 1 }));

/** Whether the call succeeded; what it throws has to be a `SyncError`. */
export function onlySyncErrors(call: () => unknown): boolean {
  try {
    call();
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(SyncError);
    return false;
  }
}

/** JSON text of a value that is too deep for `JSON.stringify`. */
export function textOf(value: unknown): string {
  let text = '';
  const todo: ({ readonly text: string } | { readonly value: unknown })[] = [{ value }];
  for (let next = todo.pop(); next; next = todo.pop()) {
    if ('text' in next) text += next.text;
    else if (typeof next.value !== 'object' || next.value === null) text += JSON.stringify(next.value);
    else {
      const isList = Array.isArray(next.value);
      const parts = Object.entries(next.value).flatMap(([key, child], index) => [
        { text: `${index > 0 ? ',' : ''}${isList ? '' : `${JSON.stringify(key)}:`}` },
        { value: child as unknown },
      ]);
      todo.push({ text: isList ? ']' : '}' }, ...parts.toReversed(), { text: isList ? '[' : '{' });
    }
  }
  return text;
}
