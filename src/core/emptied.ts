import type { FieldPolicies } from './conflict.ts';
import type { ISyncEntity } from './entity.ts';
import { type PolicyScope, readPolicies } from './field-policy.ts';
import { isObject, type Json, type JsonObject } from './json.ts';

/**
 * The entity as it was before anybody put anything into it: lists without elements, counters at zero, no other values. What
 * is merged over it is what was added, and not what was there.
 */
export function emptied(entity: ISyncEntity, policies: FieldPolicies | undefined): ISyncEntity {
  const { id, updatedAt: _, version: __, ...content } = entity;
  return { ...emptiedObject(content as JsonObject, readPolicies(policies)), id, updatedAt: '' };
}

function emptiedObject(object: JsonObject, scope: PolicyScope): JsonObject {
  const left = Object.entries(object).flatMap(([key, value]): [string, Json][] => {
    const rest = emptiedValue(value, scope.child(key));
    return rest === undefined ? [] : [[key, rest]];
  });
  return Object.fromEntries(left);
}

function emptiedValue(value: Json, scope: PolicyScope): Json | undefined {
  if (scope.policy === 'counter' && typeof value === 'number') return 0;
  if (Array.isArray(value)) return [];
  return isObject(value) ? emptiedObject(value, scope) : undefined;
}
