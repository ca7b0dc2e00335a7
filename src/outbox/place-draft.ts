import type { FieldPolicies } from '../core/conflict.ts';
import type { Base, ISyncEntity, Version } from '../core/entity.ts';
import { equalEntity } from '../core/equal.ts';
import { readPolicies } from '../core/field-policy.ts';
import { mergeEntity } from '../core/merge.ts';
import { parsePointer } from '../core/pointer.ts';
import { applyOperation } from '../store/apply-operation.ts';
import { viewOf, type EntityState } from '../store/entity-state.ts';
import { operationIds, type Draft, type EntityStep, type StoredOperation } from '../store/entry.ts';
import { putChange } from '../store/rebase.ts';
import { isLater, isSameState } from '../store/versions.ts';
import { compose, composeWrite, type Intent, type OperationMark } from './compose-operation.ts';
import { nothing, type KeptBase } from './kept-bases.ts';
import { pastOwnChanges, putForm, type Form } from './past-own-changes.ts';

type KeptSince = (version: Version | null) => readonly KeptBase[];
type WriteStep = EntityStep & { type: 'write' };

/**
 * The step that a draft is over a state that the tab which made it may not have known. It keeps the draft's id, also when
 * it changes nothing any more. Of one user's tabs the later change wins on overlap, without a record; what others changed
 * meanwhile is merged or contested as with a form that was opened earlier (S13).
 */
export function placeDraft(
  state: EntityState,
  draft: Draft,
  keptSince: KeptSince,
  policies: FieldPolicies | undefined,
): WriteStep {
  const { operation, on, before } = draft;
  if (on === null && operation.baseVersion !== null && operation.entity)
    return placeWhole(state, draft, keptSince, policies);
  const form = { before, after: applyOperation(before, operation) };
  if (state.base === null || (on && (isSameBase(on, state.base) || isLater(on, state.base)))) {
    const isOnNothing = on !== null && state.base === null && state.work === null;
    return isOnNothing ? over(draft, form.after, on) : placeOnTop(state, draft, form, policies);
  }
  const kept = on?.version === null ? [] : keptSince(on?.version ?? null);
  if (kept.length === 0 || kept.some(({ isUnseen }) => isUnseen))
    return placeUnseen(state, draft, { on: on ?? nothing, form }, policies);
  const at = pastOwnChanges(kept, state.base, form, policies);
  if (at.on !== state.base) return placeAgainst(state, draft, at, policies);
  const isLaterChange = kept.some(({ ours }) => ours !== null && ours >= operation.timestamp);
  const isOutlived = form.after === null && isLaterChange && hasUnseen(on?.entity ?? null, viewOf(state), before);
  return isOutlived ? leaveAsItIs(state, draft) : placeOnTop(state, draft, at.form, policies);
}

/** Nobody knows any more how the server state came from the one that the tab saw to this one: what was shown there tells what is news. */
function placeUnseen(
  state: EntityState,
  draft: Draft,
  { on, form }: { readonly on: Base; readonly form: Form },
  policies: FieldPolicies | undefined,
): WriteStep {
  const { before, after } = form;
  const now = viewOf(state);
  if (before && after && now && !contradicts({ before, after }, now, policies))
    return placeOnTop(state, draft, form, policies);
  return placeAgainst(state, draft, { on: state.work ? on : { ...on, entity: before }, form }, policies);
}

/** Both changed a field that no policy speaks of. */
function contradicts(
  { before, after }: { readonly before: ISyncEntity; readonly after: ISyncEntity },
  now: ISyncEntity,
  policies: FieldPolicies | undefined,
): boolean {
  const scope = readPolicies(policies);
  const policyAt = (path: string) => parsePointer(path).reduce((at, token) => at.child(token), scope).policy;
  return mergeEntity(before, after, now, { policies }).conflicts.some(({ path }) => policyAt(path) === undefined);
}

function isSameBase(a: Base, b: Base): boolean {
  return isSameState(a, b) && (a.version !== null || equalEntity(a.entity, b.entity));
}

function placeWhole(
  state: EntityState,
  draft: Draft,
  keptSince: KeptSince,
  policies: FieldPolicies | undefined,
): WriteStep {
  const { collection, id, operation } = draft;
  const { baseVersion, entity } = operation;
  const intent: Intent = {
    collection,
    entityId: id,
    entity: { ...(entity as ISyncEntity), ...(baseVersion === null ? {} : { version: baseVersion }) },
  };
  return composeWrite(state, intent, keptSince, () => markOf(operation), policies) ?? leaveAsItIs(state, draft);
}

/** On the same server state: only own changes, of whichever tab, may lie between. An edit survives a delete that had not seen it. */
function placeOnTop(state: EntityState, draft: Draft, form: Form, policies: FieldPolicies | undefined): WriteStep {
  const view = viewOf(state);
  const isUndisturbed = view === form.before || (view && form.before && equalEntity(view, form.before));
  const since = state.work ? (state.base?.entity ?? null) : view;
  if (form.after === null && !isUndisturbed && hasUnseen(since, view, form.before)) return leaveAsItIs(state, draft);
  const target = isUndisturbed ? form.after : putForm(policies, form, view);
  return { type: 'write', operation: leading(draft.operation, view, target, state.base) };
}

function leaveAsItIs(state: EntityState, { operation }: Draft): WriteStep {
  const view = viewOf(state);
  return { type: 'write', operation: leading(operation, view, view, state.base) };
}

/** What was changed since then is not in what was shown. */
function hasUnseen(since: ISyncEntity | null, view: ISyncEntity | null, shown: ISyncEntity | null): boolean {
  if (!view || since === view) return false;
  return !shown || !equalEntity(putForm(undefined, { before: since, after: view }, shown), shown);
}

function placeAgainst(
  state: EntityState,
  draft: Draft,
  { on, form }: { readonly on: Base | null; readonly form: Form },
  policies: FieldPolicies | undefined,
): WriteStep {
  const { base, work } = state;
  const view = viewOf(state);
  if (!form.after && work && hasUnseen(base?.entity ?? null, view, form.before)) return leaveAsItIs(state, draft);
  if (work && (work.request || work.conflict)) {
    const operation = leading(draft.operation, view, putForm(policies, form, view), base);
    return { type: 'write', operation, ...(work.request ? { against: on ?? nothing } : {}) };
  }
  const opened = on?.entity ?? null;
  const own = work && base ? view && putChange(policies, { before: base.entity, after: view }, opened) : opened;
  const step = over(draft, putForm(policies, form, own), on);
  return work ? { ...step, operation: { ...step.operation, absorbs: operationIds(work.pending) } } : step;
}

function over(draft: Draft, target: ISyncEntity | null, on: Base | null): WriteStep {
  return { type: 'write', operation: leading(draft.operation, on?.entity ?? null, target, on), against: on };
}

function leading(
  draft: StoredOperation,
  from: ISyncEntity | null,
  to: ISyncEntity | null,
  base: Base | null,
): StoredOperation {
  const { collection, entityId, lost } = draft;
  const version = base?.version ?? null;
  const mark = markOf(draft);
  const kept = lost ? { lost } : {};
  if (to === null) return { ...mark, collection, entityId, baseVersion: version, type: 'delete', ...kept };
  return { ...compose({ collection, entityId }, from, to, version, mark), ...kept };
}

function markOf({ id, clientId, sequence, timestamp }: StoredOperation): OperationMark {
  return { id, clientId, sequence, timestamp };
}
