import { isObject, type Json, type JsonPatchOperation } from './json.ts';
import { patchError } from './patch-error.ts';
import { maxDepth, maxLookLength, takePlainJson } from './plain-json.ts';
import { parsePointer } from './pointer.ts';

/** One operation of a patch, checked, with its pointers read. `value` is undefined where the operation has none. */
export interface ReadOperation {
  readonly op: JsonPatchOperation['op'];
  readonly path: string;
  readonly tokens: readonly string[];
  readonly from: string;
  readonly fromTokens: readonly string[];
  readonly value: Json | undefined;
}

const none: readonly string[] = [];

function readPointer(raw: object, member: 'path' | 'from', index: number): string {
  const pointer: unknown = Object.hasOwn(raw, member) ? (raw as Record<string, unknown>)[member] : undefined;
  if (typeof pointer === 'string') return pointer;
  throw patchError(index, 'malformed', '', `has no ${member}`);
}

function readTokens(pointer: string, index: number): string[] {
  const tokens = parsePointer(pointer);
  if (tokens.length > maxDepth) throw patchError(index, 'too-large', pointer, `reaches deeper than ${maxDepth} levels`);
  return tokens;
}

function readValue(raw: object, index: number, path: string, depth: number): Json {
  const value: unknown = Object.hasOwn(raw, 'value') ? (raw as Record<string, unknown>)['value'] : undefined;
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value + 0;
  if (value === undefined) throw patchError(index, 'malformed', path, 'has no value');
  const subject = `The value of operation ${index} of the patch`;
  const options = {
    subject,
    code: 'invalid-patch',
    limitCode: 'invalid-patch',
    at: path,
    copies: false,
    depth,
  } as const;
  return takePlainJson(value, { ...options, maxLength: maxLookLength }).value;
}

/**
 * Checks the shape of one operation of RFC 6902, whoever it comes from: its members, pointers and value.
 *
 * Throws {@link SyncError} `invalid-patch`.
 */
export function readOperation(raw: unknown, index: number): ReadOperation {
  if (!isObject(raw)) {
    throw patchError(index, 'malformed', '', 'is no object');
  }
  const path = readPointer(raw, 'path', index);
  const tokens = readTokens(path, index);
  const op: unknown = Object.hasOwn(raw, 'op') ? raw['op'] : undefined;
  switch (op) {
    case 'add':
    case 'replace':
    case 'test':
      return { op, path, tokens, from: '', fromTokens: none, value: readValue(raw, index, path, tokens.length) };
    case 'remove':
      return { op, path, tokens, from: '', fromTokens: none, value: undefined };
    case 'move':
    case 'copy': {
      const from = readPointer(raw, 'from', index);
      return { op, path, tokens, from, fromTokens: readTokens(from, index), value: undefined };
    }
    default:
      throw patchError(index, 'malformed', path, 'is none of add, remove, replace, move, copy and test');
  }
}
