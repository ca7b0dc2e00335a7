import type { FieldPolicies } from '../core/conflict.ts';
import { diffEntity } from '../core/diff.ts';
import type { ISyncEntity, Version } from '../core/entity.ts';
import { equalEntity } from '../core/equal.ts';
import { withUpdatedAt } from '../core/metadata.ts';
import { viewOf, type EntityState } from '../store/entity-state.ts';
import { operationIds, type EntityStep, type StoredOperation } from '../store/entry.ts';
import { putChange } from '../store/rebase.ts';
import type { KeptBase } from './kept-bases.ts';
import { pastOwnChanges } from './past-own-changes.ts';

/** What the app wants an entity to be; null: gone. `version`: the state the app was looking at. */
export interface Intent {
  readonly collection: string;
  readonly entityId: string;
  readonly entity: (Omit<ISyncEntity, 'updatedAt' | 'version'> & { readonly version?: Version }) | null;
}

/** Who writes, and when. */
export interface OperationMark {
  readonly id: string;
  readonly clientId: string;
  readonly sequence: number;
  readonly timestamp: string;
}

/**
 * The write step that makes the intent true, or null when it is true already. `keptSince` gives the server state of that
 * version and those that followed it, as far as they are kept.
 */
export function composeWrite(
  state: EntityState,
  intent: Intent,
  keptSince: (version: Version) => readonly KeptBase[],
  mark: () => OperationMark,
  policies?: FieldPolicies,
): (EntityStep & { type: 'write' }) | null {
  const view = viewOf(state);
  if (intent.entity === null) return composeDelete(state, intent, view, mark);
  const { version, ...content } = intent.entity;
  const target: ISyncEntity = withUpdatedAt(content, '');
  if (view && equalEntity(view, target)) return null;
  const known = state.base?.version ?? null;
  if (version !== undefined && version !== known)
    return composeAgainst(state, intent, target, version, { kept: keptSince(version), policies }, mark);
  return { type: 'write', operation: compose(intent, view, target, known, mark()) };
}

function composeDelete(
  state: EntityState,
  intent: Intent,
  view: ISyncEntity | null,
  mark: () => OperationMark,
): (EntityStep & { type: 'write' }) | null {
  const isKnown = state.base !== null || state.work !== null;
  if (isKnown && view === null) return null;
  return { type: 'write', operation: { ...head(intent, state.base?.version ?? null, mark()), type: 'delete' } };
}

/**
 * A form that was opened on an earlier state: its changes are those against that state, not against the newest, which would
 * undo what others did since (S13). What is on its way already cannot be moved back: then they are put on top, and judged
 * when its outcome is known. Of a state that is not kept nobody knows what the form changed: the whole form is contested, and
 * own changes it does not contradict stay in it.
 */
function composeAgainst(
  state: EntityState,
  intent: Intent,
  target: ISyncEntity,
  version: Version,
  { kept, policies }: { readonly kept: readonly KeptBase[]; readonly policies: FieldPolicies | undefined },
  mark: () => OperationMark,
): (EntityStep & { type: 'write' }) | null {
  const { base, work } = state;
  const view = viewOf(state);
  const whole = (entity: ISyncEntity, made: OperationMark) =>
    ({ ...head(intent, version, made), type: 'update', entity: stamp(entity, made) }) as const;
  if (!base && !work) return { type: 'write', operation: whole(target, mark()), against: null };
  const [opened] = kept;
  const seen =
    opened && base ? pastOwnChanges(kept, base, { before: opened.base.entity, after: target }, policies) : null;
  const form = seen && { before: seen.form.before, after: seen.form.after ?? target };
  const change = form ?? (work && base?.entity ? { before: base.entity, after: target } : null);
  const onTop = change && view ? putChange(policies, change, view) : (form?.after ?? target);
  if (view && equalEntity(view, onTop)) return null;
  if (!base || work?.request || work?.conflict || seen?.on === base) {
    const operation = compose(intent, view, onTop, base?.version ?? null, mark());
    const isJudgedLater = work?.request && seen?.on !== base;
    return { type: 'write', operation, ...(isJudgedLater ? { against: seen?.on ?? null } : {}) };
  }
  const made = mark();
  const absorbs = work ? { absorbs: operationIds(work.pending) } : {};
  if (!form) return { type: 'write', operation: { ...whole(onTop, made), ...absorbs }, against: null };
  const isMovable = work && base.entity && view;
  const ground = seen.on.entity ?? form.before;
  const own = isMovable ? putChange(policies, { before: base.entity, after: view }, ground) : ground;
  const local = work && !isMovable ? onTop : putChange(policies, form, own);
  return {
    type: 'write',
    operation: { ...compose(intent, seen.on.entity, local, seen.on.version, made), ...absorbs },
    against: seen.on,
  };
}

/** What an operation brings has no version: it belongs to none yet. */
function stamp(entity: ISyncEntity, mark: OperationMark): ISyncEntity {
  if (entity.version === undefined) return withUpdatedAt(entity, mark.timestamp);
  const { version: _, ...content } = entity;
  return { ...content, updatedAt: mark.timestamp };
}

/** The operation that leads from `before` to `target`. */
export function compose(
  intent: Pick<Intent, 'collection' | 'entityId'>,
  before: ISyncEntity | null,
  target: ISyncEntity,
  version: Version | null,
  mark: OperationMark,
): StoredOperation {
  if (!before) return { ...head(intent, version, mark), type: 'create', entity: stamp(target, mark) };
  return { ...head(intent, version, mark), type: 'update', patch: diffEntity(before, target) };
}

function head(
  intent: Pick<Intent, 'collection' | 'entityId'>,
  baseVersion: Version | null,
  mark: OperationMark,
): Omit<StoredOperation, 'type'> {
  return { ...mark, collection: intent.collection, entityId: intent.entityId, baseVersion };
}
