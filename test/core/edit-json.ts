import fc from 'fast-check';
import type { Json } from '../../src/core/json.ts';

/** One change of a document at a place that is picked by number. */
export interface Edit {
  readonly place: number;
  readonly kind: 'set' | 'remove' | 'insert' | 'move';
  readonly key: string;
  readonly index: number;
  readonly value: Json;
}

/** Edits with names and values of the given kinds. */
export function editOf(key: fc.Arbitrary<string>, value: fc.Arbitrary<Json>): fc.Arbitrary<Edit> {
  return fc.record({
    place: fc.nat(40),
    kind: fc.constantFrom('set', 'set', 'remove', 'insert', 'move'),
    key,
    index: fc.nat(10),
    value,
  });
}

type Container = unknown[] | Record<string, unknown>;

function containersIn(value: unknown): Container[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value as Container, ...Object.values(value).flatMap(containersIn)];
}

function define(container: object, key: string, value: unknown): void {
  Object.defineProperty(container, key, { value, writable: true, enumerable: true, configurable: true });
}

function editArray(target: unknown[], { kind, index, value, key }: Edit): void {
  const at = target.length === 0 ? 0 : index % target.length;
  if (kind === 'insert' || target.length === 0) target.splice(at, 0, value);
  else if (kind === 'remove') target.splice(at, 1);
  else if (kind === 'move') target.splice(key.length % target.length, 0, ...target.splice(at, 1));
  else target[at] = value;
}

function editObject(target: Record<string, unknown>, { kind, index, value, key }: Edit): void {
  const keys = Object.keys(target);
  const present = keys[index % Math.max(1, keys.length)];
  if (kind === 'remove' && present !== undefined) delete target[present];
  else define(target, kind === 'insert' ? key : (present ?? key), value);
}

/** The document after the edits; the document itself stays as it is. */
export function edited(document: Json, edits: readonly Edit[]): Json {
  const copy = structuredClone(document);
  for (const edit of edits) {
    const containers = containersIn(copy);
    const container = containers[edit.place % Math.max(1, containers.length)];
    const value = structuredClone(edit.value);
    if (Array.isArray(container)) editArray(container, { ...edit, value });
    else if (container !== undefined) editObject(container, { ...edit, value });
  }
  return copy;
}
