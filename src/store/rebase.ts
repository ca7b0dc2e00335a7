import { diffEntity } from '../core/diff.ts';
import type { Base, ISyncEntity } from '../core/entity.ts';
import { equalEntity } from '../core/equal.ts';
import { mergeEntity } from '../core/merge.ts';
import { operationIds, type StoredOperation } from './entry.ts';

export interface Rebased {
  readonly view: ISyncEntity | null;
  readonly pending: readonly StoredOperation[];
  /** Operations that turned out to be on the backend already. */
  readonly settled: readonly string[];
}

/**
 * Moves what is pending onto a foreign server state, when that touches no path both sides changed; null when it does (S10).
 */
export function rebase(from: {
  base: Base | null;
  view: ISyncEntity | null;
  pending: readonly StoredOperation[];
  remote: Base;
}): Rebased | null {
  const { view, pending, remote } = from;
  const before = from.base?.entity ?? null;
  const first = pending[0]!;
  const onToldVersion = from.base === null && first.type === 'update';
  if (remote.entity === null) {
    if (view === null) return { view: null, pending: [], settled: operationIds(pending) };
    return before === null && !onToldVersion ? { view, pending, settled: [] } : null;
  }
  if (view === null) {
    const untouched = before !== null && equalEntity(before, remote.entity);
    const neverSeen = from.base === null;
    return untouched || neverSeen ? { view, pending, settled: [] } : null;
  }
  if (onToldVersion && remote.version === first.baseVersion) return carry(view, remote, pending);
  if (before === null) {
    return equalEntity(view, remote.entity)
      ? { view: remote.entity, pending: [], settled: operationIds(pending) }
      : null;
  }
  const merged = mergeEntity(before, view, remote.entity);
  if (merged.conflicts.length > 0) return null;
  return carry(merged.entity, remote, pending);
}

/**
 * Moves what is pending onto what the server made of the operations before it. On overlap the local side wins: the server
 * only completed our own change (S11).
 */
export function rebaseAfterOwn(from: {
  sent: ISyncEntity | null;
  base: Base;
  view: ISyncEntity | null;
  pending: readonly StoredOperation[];
}): Rebased {
  const { sent, base, view, pending } = from;
  if (pending.length === 0) return { view: base.entity, pending, settled: [] };
  if (equalEntity(sent, base.entity)) return { view: withVersion(view, base), pending, settled: [] };
  if (view === null) {
    return base.entity === null
      ? { view, pending: [], settled: operationIds(pending) }
      : { view, pending, settled: [] };
  }
  if (base.entity === null || sent === null) return carryWhole(view, base, pending);
  return carry(
    mergeEntity(sent, view, base.entity, { later: 'local', otherwise: 'client-wins' }).entity,
    base,
    pending,
  );
}

function withVersion(view: ISyncEntity | null, base: Base): ISyncEntity | null {
  return view && base.version !== null ? { ...view, version: base.version } : view;
}

/** One operation, the newest, carries the difference and absorbs those before it. */
function carry(target: ISyncEntity, base: Base, pending: readonly StoredOperation[]): Rebased {
  if (base.entity === null) return carryWhole(target, base, pending);
  const patch = diffEntity(base.entity, target);
  if (patch.length === 0) return { view: base.entity, pending: [], settled: operationIds(pending) };
  const newest = pending[pending.length - 1]!;
  const { entity: _, ...rest } = newest;
  const carrier: StoredOperation = { ...rest, ...absorbing(pending), type: 'update', patch, baseVersion: base.version };
  return { view: withVersion({ ...target, updatedAt: newest.timestamp }, base), pending: [carrier], settled: [] };
}

function carryWhole(view: ISyncEntity, base: Base, pending: readonly StoredOperation[]): Rebased {
  const newest = pending[pending.length - 1]!;
  const { patch: _, ...rest } = newest;
  const carrier: StoredOperation = {
    ...rest,
    ...absorbing(pending),
    type: 'create',
    entity: view,
    baseVersion: base.version,
  };
  return { view, pending: [carrier], settled: [] };
}

function absorbing(pending: readonly StoredOperation[]): { absorbs?: readonly string[] } {
  const ids = operationIds(pending).slice(0, -1);
  return ids.length > 0 ? { absorbs: ids } : {};
}
