import { diffEntity } from '../core/diff.ts';
import type { FieldPolicies } from '../core/conflict.ts';
import type { Base, ISyncEntity } from '../core/entity.ts';
import { emptied } from '../core/emptied.ts';
import { equalEntity } from '../core/equal.ts';
import { mergeEntity } from '../core/merge.ts';
import { foldOver } from './apply-operation.ts';
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
export function rebase(
  from: { base: Base | null; view: ISyncEntity | null; pending: readonly StoredOperation[]; remote: Base },
  policies?: FieldPolicies,
): Rebased | null {
  const { view, pending, remote } = from;
  const before = from.base?.entity ?? null;
  const first = pending[0]!;
  const onToldVersion = from.base === null && first.type === 'update';
  if (remote.entity === null) {
    if (view === null) return settleAll(remote, pending);
    return before === null && !onToldVersion ? keep(remote, pending) : null;
  }
  if (view === null) {
    const untouched = before !== null && equalEntity(before, remote.entity);
    const neverSeen = from.base === null && first.type !== 'create';
    return untouched || neverSeen ? keep(remote, pending) : null;
  }
  if (onToldVersion && remote.version === first.baseVersion) return carry(view, remote, pending);
  if (before === null) return equalEntity(view, remote.entity) ? carry(view, remote, pending) : null;
  const merged = mergeEntity(before, view, remote.entity, { policies });
  return merged.conflicts.length > 0 ? null : carry(merged.entity, remote, pending);
}

/**
 * Moves what is pending onto what the server made of the operations before it. On overlap the local side wins: the server
 * only completed our own change (S11).
 */
export function rebaseAfterOwn(
  from: { sent: ISyncEntity | null; base: Base; view: ISyncEntity | null; pending: readonly StoredOperation[] },
  policies: FieldPolicies | undefined,
): Rebased {
  const { sent, base, view, pending } = from;
  if (pending.length === 0 || equalEntity(sent, base.entity)) return keep(base, pending);
  if (view === null || base.entity === null || sent === null) return carry(view, base, pending);
  return carry(putChange(policies, { before: sent, after: view }, base.entity), base, pending);
}

/**
 * What was changed from `before` to `after`, put over another state; where that has changed too and no policy speaks, the
 * change wins. Null: there was nothing.
 */
export function putChange(
  policies: FieldPolicies | undefined,
  { before, after }: { readonly before: ISyncEntity | null; readonly after: ISyncEntity },
  over: ISyncEntity | null,
): ISyncEntity {
  const from = before ?? { id: after.id, updatedAt: '' };
  const onto = over ?? emptied(from, policies);
  return mergeEntity(from, after, onto, { policies, later: 'local', otherwise: 'client-wins' }).entity;
}

/** The same view told over another state, by one operation. */
export function retell(base: Base | null, view: ISyncEntity | null, pending: readonly StoredOperation[]): Rebased {
  return carry(view, base ?? { entity: null, version: null, updatedAt: null }, pending);
}

function keep(base: Base, pending: readonly StoredOperation[]): Rebased {
  return { view: foldOver(base, pending), pending, settled: [] };
}

function settleAll(base: Base, pending: readonly StoredOperation[]): Rebased {
  return { view: base.entity, pending: [], settled: operationIds(pending) };
}

/** One operation, the newest, leads from the base to the target and absorbs those before it. */
function carry(target: ISyncEntity | null, base: Base, pending: readonly StoredOperation[]): Rebased {
  const isLossy = pending.some(({ lost }) => lost !== undefined);
  if (!isLossy && equalEntity(target, base.entity)) return settleAll(base, pending);
  return keep(base, [{ ...absorbing(pending), ...leading(base.entity, target), baseVersion: base.version }]);
}

function leading(from: ISyncEntity | null, to: ISyncEntity | null): Pick<StoredOperation, 'type' | 'entity' | 'patch'> {
  if (to === null) return { type: 'delete' };
  if (from !== null) return { type: 'update', patch: diffEntity(from, to) };
  const { version: _, ...entity } = to;
  return { type: 'create', entity };
}

/** The newest operation, without its content, absorbs those before it. */
export function absorbing(pending: readonly StoredOperation[]): StoredOperation {
  const { entity: _, patch: __, lost: ___, absorbs: ____, ...newest } = pending[pending.length - 1]!;
  const absorbs = operationIds(pending).slice(0, -1);
  const lost = [...new Set(pending.flatMap((operation) => operation.lost ?? []))];
  return { ...newest, ...(absorbs.length > 0 ? { absorbs } : {}), ...(lost.length > 0 ? { lost } : {}) };
}
