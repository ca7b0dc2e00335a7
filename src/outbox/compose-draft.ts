import type { ISyncEntity, Version } from '../core/entity.ts';
import { equalEntity } from '../core/equal.ts';
import { viewOf, type EntityState } from '../store/entity-state.ts';
import type { Draft } from '../store/entry.ts';
import { compose, type Intent, type OperationMark } from './compose-operation.ts';
import type { KeptBase } from './kept-bases.ts';

/** The draft that makes the intent true in a tab that does not lead, or null when it is true already. */
export function composeDraft(
  state: EntityState,
  intent: Intent,
  keptSince: (version: Version) => readonly KeptBase[],
  mark: () => OperationMark,
): Draft | null {
  const { collection, entityId, entity } = intent;
  const { base, work } = state;
  const view = viewOf(state);
  const known = base?.version ?? null;
  const seen = { type: 'draft', collection, id: entityId, on: base, before: view } as const;
  if (entity === null) {
    const isGone = view === null && (base !== null || work !== null);
    if (isGone) return null;
    return { ...seen, operation: { ...mark(), collection, entityId, baseVersion: known, type: 'delete' } };
  }
  const { version, ...content } = entity;
  const target: ISyncEntity = { ...content, updatedAt: '' };
  if (view && equalEntity(view, target)) return null;
  if (version === undefined || version === known)
    return { ...seen, operation: compose(intent, view, target, known, mark()) };
  const opened = keptSince(version)[0]?.base;
  if (opened?.entity) {
    const operation = compose(intent, opened.entity, target, version, mark());
    return { ...seen, operation, on: opened, before: opened.entity };
  }
  const made = mark();
  const whole = { ...target, updatedAt: made.timestamp };
  return {
    ...seen,
    operation: { ...made, collection, entityId, baseVersion: version, type: 'update', entity: whole },
    on: null,
    before: null,
  };
}
