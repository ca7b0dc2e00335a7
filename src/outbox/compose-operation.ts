import { diffEntity } from '../core/diff.ts';
import type { Base, ISyncEntity, Version } from '../core/entity.ts';
import { equalEntity } from '../core/equal.ts';
import { mergeEntity } from '../core/merge.ts';
import { viewOf, type EntityState } from '../store/entity-state.ts';
import { operationIds, type EntityStep, type StoredOperation } from '../store/entry.ts';

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
 * The write step that makes the intent true, or null when it is true already. `keptBase` finds an earlier server state of
 * the entity by its version.
 */
export function composeWrite(
  state: EntityState,
  intent: Intent,
  keptBase: (version: Version) => Base | undefined,
  mark: () => OperationMark,
): (EntityStep & { type: 'write' }) | null {
  const view = viewOf(state);
  if (intent.entity === null) return composeDelete(state, intent, view, mark);
  const { version, ...content } = intent.entity;
  const target: ISyncEntity = { ...content, updatedAt: '' };
  if (view && equalEntity(view, target)) return null;
  const known = state.base?.version ?? null;
  if (version !== undefined && version !== known) return composeAgainst(state, intent, target, version, keptBase, mark);
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
 * undo what others did since (S13). What is on its way already cannot be moved back, so then the changes are put on top.
 */
function composeAgainst(
  state: EntityState,
  intent: Intent,
  target: ISyncEntity,
  version: Version,
  keptBase: (version: Version) => Base | undefined,
  mark: () => OperationMark,
): EntityStep & { type: 'write' } {
  const { base, work } = state;
  const view = viewOf(state);
  const kept = keptBase(version);
  const made = mark();
  if (!base && !work) {
    return {
      type: 'write',
      operation: { ...head(intent, version, made), type: 'update', entity: stamp(target, made) },
      against: null,
    };
  }
  if (!base || work?.request || work?.conflict) {
    const onTop =
      kept?.entity && view
        ? mergeEntity(kept.entity, target, view, { later: 'local', otherwise: 'client-wins' }).entity
        : target;
    return { type: 'write', operation: compose(intent, view, onTop, base?.version ?? null, made) };
  }
  const absorbs = work ? { absorbs: operationIds(work.pending) } : {};
  if (!kept?.entity) {
    const operation: StoredOperation = {
      ...head(intent, version, made),
      ...absorbs,
      type: 'update',
      entity: stamp(target, made),
    };
    return { type: 'write', operation, against: null };
  }
  const local =
    work && view ? mergeEntity(kept.entity, target, view, { later: 'local', otherwise: 'client-wins' }).entity : target;
  return {
    type: 'write',
    operation: { ...compose(intent, kept.entity, local, version, made), ...absorbs },
    against: kept,
  };
}

function stamp(entity: ISyncEntity, mark: OperationMark): ISyncEntity {
  return { ...entity, updatedAt: mark.timestamp };
}

function compose(
  intent: Intent,
  before: ISyncEntity | null,
  target: ISyncEntity,
  version: Version | null,
  mark: OperationMark,
): StoredOperation {
  if (!before) return { ...head(intent, version, mark), type: 'create', entity: stamp(target, mark) };
  return { ...head(intent, version, mark), type: 'update', patch: diffEntity(before, target) };
}

function head(intent: Intent, baseVersion: Version | null, mark: OperationMark): Omit<StoredOperation, 'type'> {
  return { ...mark, collection: intent.collection, entityId: intent.entityId, baseVersion };
}
