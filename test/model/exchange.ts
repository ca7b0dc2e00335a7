import { conflictOf } from '../../src/conflicts/conflict-of.ts';
import { resolutionStep } from '../../src/conflicts/resolution-step.ts';
import type { ConflictRecord } from '../../src/core/conflict.ts';
import { builtInResolvers } from '../../src/core/resolve.ts';
import { takeIn } from '../../src/feed/intake.ts';
import { foldOperations } from '../../src/outbox/fold.ts';
import type { OperationMark } from '../../src/outbox/compose-operation.ts';
import { toBase } from '../../src/outbox/told-base.ts';
import { judgeError, judgeRecord, type Sent, type Verdict } from '../../src/outbox/verdict.ts';
import type { StoredEntity } from '../../src/server/ports/store.ts';
import { awaitsBase, isContested, type EntityState } from '../../src/store/entity-state.ts';
import { viewAfter } from '../../src/store/entity-transition.ts';
import type { EntityStep, SealedRequest } from '../../src/store/entry.ts';
import { toSyncError } from '../simulation/world/problem-error.ts';
import { collection, entityId, policies } from './marked-entity.ts';
import { recordOf, type ServerAnswer } from './server.ts';

/** How the sending of the entity stands in one life of a client. */
export interface Exchange {
  readonly attempts: number;
  /** Nobody knows whether the sealed request was applied. */
  readonly unknown: boolean;
  /** A request is out, and its answer is waited for. */
  readonly awaits: boolean;
}

export const idleExchange: Exchange = { attempts: 0, unknown: false, awaits: false };

/** After a start: what is sealed may have been sent. */
export function exchangeAfterStart({ work }: EntityState): Exchange {
  return { ...idleExchange, unknown: Boolean(work?.request) };
}

/** What is sealed next, or found to change nothing; null: nothing may be sealed. */
export function sealStep(state: EntityState, durable: number, key: string): EntityStep | null {
  const { work } = state;
  if (
    !work ||
    work.request ||
    work.conflict ||
    work.refusal ||
    isContested(state) ||
    awaitsBase(state) ||
    durable === 0
  )
    return null;
  const folded = foldOperations({ collection, id: entityId, state, page: 0 }, durable, key);
  return folded.type === 'request'
    ? { type: 'seal', request: folded.request }
    : { type: 'annihilate', operationIds: folded.operationIds };
}

/** What an answer to the sealed request does; null: it goes again. */
export function answerStep(
  state: EntityState,
  request: SealedRequest,
  answer: ServerAnswer,
  { unknown }: Exchange,
  newId: string,
): EntityStep | null {
  const view = viewAfter(state, request.operationIds.length);
  const sent: Sent = {
    collection,
    entityId,
    type: request.type,
    result: request.type === 'delete' || !view ? null : { ...(request.entity ?? view), updatedAt: request.timestamp },
    maybeApplied: unknown,
    versionOptional: false,
  };
  return verdictStep(request.idempotencyKey, judge(sent, answer), newId);
}

function judge(sent: Sent, answer: ServerAnswer): Verdict {
  if ('record' in answer) return judgeRecord(sent, answer.record);
  return judgeError(
    sent,
    toSyncError(answer.problem, (record) => record),
  );
}

function verdictStep(key: string, verdict: Verdict, id: string): EntityStep | null {
  switch (verdict.type) {
    case 'acknowledged':
      return { type: 'settle', key, base: verdict.base };
    case 'conflict':
      return { type: 'conflict', key, remote: verdict.remote, id, at: '' };
    case 'refused':
    case 'tooLarge':
      return { type: 'park', key, error: verdict.error };
    case 'deferred':
    case 'unanswered':
    case 'misconfigured':
    case 'epochChanged':
      return null;
  }
}

/** What a change that the feed tells does; null: nothing. */
export function toldStep(
  state: EntityState,
  told: StoredEntity,
  isOwnKey: (key: string) => boolean,
): EntityStep | null {
  const { idempotencyKey, clientId } = told;
  const read = () => toBase({ collection, entityId, versionOptional: false }, recordOf(told));
  const change = { collection, id: entityId, record: recordOf(told), idempotencyKey, clientId };
  const intake = takeIn(state, change, { isOwnKey, read, check: () => null });
  if (intake.type === 'acknowledgement') return { type: 'settle', key: intake.key, base: intake.base };
  return intake.type === 'change' ? { type: 'receive', base: intake.base } : null;
}

/** A foreign state that contradicts what is pending becomes a conflict. */
export function contestStep(state: EntityState, id: string): EntityStep | null {
  if (!isContested(state) || state.work?.conflict || !state.work?.foreign) return null;
  return { type: 'conflict', key: null, remote: state.work.foreign, id, at: '' };
}

/** The outcome of an open conflict, by the default strategy. */
export function resolveStep(
  state: EntityState,
  mark: OperationMark,
): { readonly step: EntityStep; readonly record: ConflictRecord } | null {
  const conflict = conflictOf({ collection, id: entityId, state, page: 0 }, 'merge', policies);
  if (!conflict || !state.work) return null;
  const resolution = builtInResolvers.merge(conflict, { policies, serverNowMs: Date.UTC(2026, 0, 3) });
  if (resolution === 'manual') return null;
  const step = resolutionStep(conflict, state.work, resolution.entity, mark);
  return { step, record: step.record };
}
