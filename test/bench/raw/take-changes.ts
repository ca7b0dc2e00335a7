import type { Subject } from 'rxjs';
import type { Item } from '../entities.ts';

/** A change as the wire carries it. */
export interface WireChange {
  readonly id: string;
  readonly version: number;
  readonly patch: readonly { readonly op: string; readonly path: string; readonly value: unknown }[];
}

/** Applies changes by copying the path only, keeps the result in a map, tells it to a subject: nothing else. */
export function takeChange(itemsById: Map<string, object>, told$: Subject<object>, change: WireChange): void {
  let entity = itemsById.get(change.id) ?? {};
  for (const { path, value } of change.patch)
    entity = withValue(entity as Item, path.slice(1).split('/'), 0, value) as object;
  itemsById.set(change.id, entity);
  told$.next(entity);
}

function withValue(target: unknown, tokens: readonly string[], depth: number, value: unknown): unknown {
  const token = tokens[depth];
  if (token === undefined) return value;
  if (Array.isArray(target)) {
    const copy = target.slice();
    copy[Number(token)] = withValue(copy[Number(token)], tokens, depth + 1, value);
    return copy;
  }
  const object = target as Record<string, unknown>;
  return { ...object, [token]: withValue(object[token], tokens, depth + 1, value) };
}
