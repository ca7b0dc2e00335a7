import { applyPatch } from '../core/apply-patch.ts';
import type { Base, ISyncEntity } from '../core/entity.ts';
import type { JsonPatch } from '../core/json.ts';
import { withUpdatedAt } from '../core/metadata.ts';
import type { StoredOperation } from './entry.ts';

/**
 * What an operation makes of a view. Never throws: of a patch whose ground is gone (the record before it was damaged) each
 * part that still fits is applied.
 */
export function applyOperation(view: ISyncEntity | null, operation: StoredOperation): ISyncEntity | null {
  if (operation.type === 'delete') return null;
  if (operation.entity) return operation.entity;
  if (!view || !operation.patch) return view;
  return withUpdatedAt(applyWhatFits(view, operation.patch), operation.timestamp);
}

/** What operations make of a server state, one after the other. */
export function foldOver(base: Base | null, operations: readonly StoredOperation[]): ISyncEntity | null {
  return operations.reduce(applyOperation, base?.entity ?? null);
}

function applyWhatFits(view: ISyncEntity, patch: JsonPatch): ISyncEntity {
  try {
    return applyPatch(view, patch);
  } catch {
    if (patch.length === 1) return view;
    return patch.reduce((next, part) => applyWhatFits(next, [part]), view);
  }
}
