import type { Base, ISyncEntity } from '../core/entity.ts';
import type { FieldPolicies } from '../core/conflict.ts';
import { complete } from './complete.ts';
import { applyOperation, foldOver } from './apply-operation.ts';
import { unknownEntity, viewOf, type EntityState, type EntityWork } from './entity-state.ts';
import { operationIds, type EntityStep, type SealedRequest, type StoredOperation } from './entry.ts';
import { putChange, rebase, rebaseAfterOwn, retell } from './rebase.ts';
import { sealedOver } from './sealed-over.ts';
import { toldBy } from './told-patch.ts';
import { follow, isLater, isNewer, isSameState } from './versions.ts';

/** The next state, and the operations that the step brought to their end. */
export interface Transition {
  readonly state: EntityState;
  /** Their fate is the server state: `state.base`. */
  readonly settled: readonly string[];
  /** Given up by the app. */
  readonly discarded: readonly string[];
}

const nothing: readonly string[] = [];

function moved(state: EntityState, settled = nothing, discarded = nothing): Transition {
  return { state, settled, discarded };
}

/**
 * The next state of an entity. Pure and total: the same steps give the same state live and at recovery, and a step that no
 * longer applies (a settlement told twice, a seal whose operations are gone) changes nothing. `policies`: those of the
 * collection's fields, which tell a counter, where two changes alike are two. They may be others at recovery than they were
 * live: what was sealed and settled is a fact all the same (S29).
 */
export function transition(state: EntityState, step: EntityStep, policies?: FieldPolicies): Transition {
  switch (step.type) {
    case 'write':
      return step.against === undefined
        ? write(policies, state, step.operation)
        : writeAgainst(policies, state, step.operation, step.against);
    case 'seal':
      return seal(policies, state, step.request);
    case 'settle':
      return settle(policies, state, step.key, step.base);
    case 'park':
      return park(policies, state, step);
    case 'unseal':
      return unseal(policies, state, step.key);
    case 'conflict':
      return contest(policies, state, step);
    case 'resolve':
      return resolve(state, step);
    case 'receive':
      return receive(policies, state, step.base, step.trusted === true);
    case 'patch': {
      const base = toldBy(step.told, state);
      return base ? receive(policies, state, base, false) : moved(state);
    }
    case 'annihilate':
      return annihilate(state, step.operationIds);
    case 'discard':
      return discard(policies, state, step.operationId);
    case 'retry':
      return retry(policies, state);
    case 'forget':
      return forget(state);
  }
}

/** What the first `count` pending operations make of the base. */
export function viewAfter(state: EntityState, count: number): ISyncEntity | null {
  const { work } = state;
  if (!work) return viewOf(state);
  if (count >= work.pending.length) return work.view;
  return foldOver(state.base, work.pending.slice(0, count));
}

function write(policies: FieldPolicies | undefined, state: EntityState, operation: StoredOperation): Transition {
  const { base, work } = state;
  const view = applyOperation(viewOf(state), operation);
  if (!work) return moved({ base, work: freshWork({ view, pending: [operation] }) });
  const next = { ...work, view, pending: [...work.pending, operation] };
  if (!work.refusal) return moved({ base, work: next });
  return adoptForeign(policies, { base, work: { ...next, refusal: null, supersededBy: operation.id } });
}

/**
 * A write by someone who was looking at an earlier state: the newest one becomes foreign to it, and is merged or contested
 * like any other change of someone else. While a request is out it is put on top, and judged when that is over.
 */
function writeAgainst(
  policies: FieldPolicies | undefined,
  state: EntityState,
  operation: StoredOperation,
  against: Base | null,
): Transition {
  const { base, work } = state;
  if (!base || work?.conflict) return write(policies, state, operation);
  if (work?.request) {
    const next = { ...work, view: applyOperation(work.view, operation), pending: [...work.pending, operation] };
    return moved({ base, work: { openedOn: against, ...next } });
  }
  const view = applyOperation(against?.entity ?? null, operation);
  return adoptForeign(policies, {
    base: against,
    work: { ...freshWork({ view, pending: [operation] }), foreign: work?.foreign ?? base },
  });
}

function seal(policies: FieldPolicies | undefined, state: EntityState, request: SealedRequest): Transition {
  const { base, work } = state;
  if (!work || work.request || work.conflict || work.refusal) return moved(state);
  const isFirst = request.operationIds.every((id, index) => work.pending[index]?.id === id);
  if (isFirst && !work.foreign) return moved({ base, work: { ...work, request } });
  return moved(sealedOver(state, request, policies) ?? state);
}

function carried(work: EntityWork, request: SealedRequest): number {
  return Math.min(request.operationIds.length, work.pending.length);
}

function settle(policies: FieldPolicies | undefined, state: EntityState, key: string, answer: Base): Transition {
  const { work } = state;
  if (!work?.request || work.request.idempotencyKey !== key) return moved(state);
  const base = follow(answer, state.base);
  const count = carried(work, work.request);
  const sent = viewAfter(state, count);
  const settled = operationIds(work.pending.slice(0, count));
  const rest = work.pending.slice(count);
  const adopted = rebaseAfterOwn({ sent, base, view: work.view, pending: rest }, policies);
  const openedOn = pastOwnChange(policies, work.openedOn, state.base, base);
  const left =
    adopted.pending.length === 0 ? null : { ...freshWork(adopted), ...(openedOn === undefined ? {} : { openedOn }) };
  const opened = adoptForeign(policies, backToForm(policies, { base, work: left }));
  const told = toldAfter(work.request, work.foreign);
  const afterForeign = told ? receive(policies, opened.state, told, false) : opened;
  return moved(afterForeign.state, [
    ...settled,
    ...adopted.settled,
    ...opened.settled,
    ...(afterForeign === opened ? [] : afterForeign.settled),
  ]);
}

/**
 * What was told while the request was out, if it came after what the request made. Numbers will tell. Otherwise: an entity that
 * was gone was not there to be changed, so a change of it came first; but it could be created only when it was gone. And what
 * has no version may be from before.
 */
function toldAfter({ type, baseVersion }: SealedRequest, foreign: Base | null): Base | null {
  if (!foreign || typeof foreign.version === 'number') return foreign;
  if (foreign.entity === null && type === 'create') return null;
  const isChangeOfWhatIsGone = foreign.entity === null && type === 'update' && baseVersion !== null;
  return foreign.version !== null || isChangeOfWhatIsGone ? foreign : null;
}

/** The state that a form was opened on, with what our own request changed since: nobody contradicts himself (S13). */
function pastOwnChange(
  policies: FieldPolicies | undefined,
  openedOn: Base | null | undefined,
  before: Base | null,
  after: Base,
): Base | null | undefined {
  if (!openedOn?.entity || !before?.entity || !after.entity) return openedOn;
  return { ...openedOn, entity: putChange(policies, { before: before.entity, after: after.entity }, openedOn.entity) };
}

/** No request is out any more: what is pending counts from where its form was opened, and what came since is foreign to it. */
function backToForm(policies: FieldPolicies | undefined, state: EntityState): EntityState {
  const { base, work } = state;
  if (!base || work?.openedOn === undefined) return state;
  const { openedOn, ...rest } = work;
  const { view } = work;
  const isMovable = openedOn && base.entity && view;
  const local = isMovable ? putChange(policies, { before: base.entity, after: view }, openedOn.entity) : view;
  const told = retell(openedOn, local, work.pending);
  if (told.pending.length === 0) return { base, work: rest };
  return { base: openedOn, work: { ...rest, view: told.view, pending: told.pending, foreign: work.foreign ?? base } };
}

function freshWork(part: { view: ISyncEntity | null; pending: readonly StoredOperation[] }): EntityWork {
  return {
    view: part.view,
    pending: part.pending,
    request: null,
    foreign: null,
    conflict: null,
    refusal: null,
    rounds: 0,
  };
}

function park(
  policies: FieldPolicies | undefined,
  state: EntityState,
  step: EntityStep & { type: 'park' },
): Transition {
  const { base, work } = state;
  if (!work || (work.request?.idempotencyKey ?? null) !== step.key) return moved(state);
  return adoptForeign(
    policies,
    backToForm(policies, { base, work: { ...work, request: null, conflict: null, refusal: step.error } }),
  );
}

function unseal(policies: FieldPolicies | undefined, state: EntityState, key: string): Transition {
  const { base, work } = state;
  if (work?.request?.idempotencyKey !== key) return moved(state);
  return adoptForeign(policies, backToForm(policies, { base, work: { ...work, request: null } }));
}

function contest(
  policies: FieldPolicies | undefined,
  before: EntityState,
  step: EntityStep & { type: 'conflict' },
): Transition {
  const state = complete(before, step.remote);
  if (!state.work || (state.work.request?.idempotencyKey ?? null) !== step.key) return moved(state);
  const { foreign } = state.work;
  const remote = foreign && isLater(foreign, step.remote) ? foreign : follow(step.remote, foreign ?? state.base);
  const { base, work } = backToForm(policies, {
    base: state.base,
    work: { ...state.work, request: null, foreign: remote },
  });
  const rounds = state.work.rounds + (step.key !== null || step.looked ? 1 : 0);
  return moved({ base, work: work && { ...work, rounds, refusal: null, conflict: { id: step.id, at: step.at } } });
}

function resolve(state: EntityState, step: EntityStep & { type: 'resolve' }): Transition {
  const { work } = state;
  if (work?.conflict?.id !== step.record.id) return moved(state);
  const { operation, remote } = step;
  const superseded = operationIds(work.pending);
  if (!operation) return moved({ base: remote, work: null }, superseded);
  const view = applyOperation(remote.entity, operation);
  return moved({ base: remote, work: { ...freshWork({ view, pending: [operation] }), rounds: work.rounds } });
}

function receive(policies: FieldPolicies | undefined, before: EntityState, news: Base, trusted: boolean): Transition {
  const state = complete(before, news);
  const { base, work } = state;
  const known = base && !base.forgotten ? base : null;
  const newest = work?.foreign ?? known;
  const told = follow(news, newest);
  if (newest && (isSameState(told, newest) || (!trusted && !isNewer(told, newest)))) return moved(state);
  if (!work) return moved({ base: told, work: null });
  const isBase = known !== null && isSameState(told, known);
  if (isBase && !trusted) return moved(state);
  if (work.conflict) return moved({ base, work: { ...work, foreign: told } });
  if (work.request) return moved({ base, work: { ...work, foreign: isBase ? null : told } });
  return adoptForeign(policies, { base, work: { ...work, foreign: told } });
}

/** Takes over the foreign state where that overwrites nothing; else it stays, contested (S10). */
function adoptForeign(policies: FieldPolicies | undefined, state: EntityState): Transition {
  const { base, work } = state;
  if (!work?.foreign) return moved(state);
  const rebased = rebase({ base, view: work.view, pending: work.pending, remote: work.foreign }, policies);
  if (!rebased) return moved(state);
  if (rebased.pending.length === 0) return moved({ base: work.foreign, work: null }, rebased.settled);
  return moved(
    { base: work.foreign, work: { ...work, view: rebased.view, pending: rebased.pending, foreign: null } },
    rebased.settled,
  );
}

function annihilate(state: EntityState, ids: readonly string[]): Transition {
  const { base, work } = state;
  if (!work || work.request || work.foreign || !ids.every((id, index) => work.pending[index]?.id === id))
    return moved(state);
  const rest = work.pending.slice(ids.length);
  const settled = operationIds(work.pending.slice(0, ids.length));
  return moved(
    { base, work: rest.length === 0 ? null : { ...work, view: foldOver(base, rest), pending: rest } },
    settled,
  );
}

function discard(policies: FieldPolicies | undefined, state: EntityState, operationId: string): Transition {
  const { base, work } = state;
  const index = work?.pending.findIndex((operation) => operation.id === operationId) ?? -1;
  if (!work || index < 0 || work.request || work.conflict) return moved(state);
  const before = viewAfter(state, index);
  const through = viewAfter(state, index + 1);
  const rest = work.pending.slice(index + 1);
  const given = operationIds(work.pending.slice(index, index + 1));
  const ground = { entity: before, version: base?.version ?? null, updatedAt: base?.updatedAt ?? null };
  const kept = rebaseAfterOwn({ sent: through, base: ground, view: work.view, pending: rest }, policies);
  const pending = [...work.pending.slice(0, index), ...kept.pending];
  if (pending.length === 0) {
    const next = base || work.foreign ? { base: work.foreign ?? base, work: null } : unknownEntity;
    return moved(next, kept.settled, given);
  }
  return moved({ base, work: { ...work, view: foldOver(base, pending), pending } }, kept.settled, given);
}

function retry(policies: FieldPolicies | undefined, state: EntityState): Transition {
  const { base, work } = state;
  if (!work?.refusal) return moved(state);
  return adoptForeign(policies, { base, work: { ...work, refusal: null } });
}

/** A create was made on no version, so it goes again as it is: the new life may know its key (S1). */
function forget(state: EntityState): Transition {
  const { work } = state;
  const base = state.base && forgetVersion(state.base);
  if (!work) return moved({ base, work: null });
  const { openedOn: _, ...rest } = work;
  const foreign = work.conflict && work.foreign ? forgetVersion(work.foreign) : null;
  const request = work.request?.type === 'create' ? work.request : null;
  return moved({ base, work: { ...rest, view: foldOver(base, work.pending), request, foreign } });
}

function forgetVersion(base: Base): Base {
  if (base.entity === null) return { entity: null, version: null, updatedAt: base.updatedAt, forgotten: true };
  const { version: _, ...entity } = base.entity;
  return { ...base, entity, version: null, forgotten: true };
}
