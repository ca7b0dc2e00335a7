import type { Base, ISyncEntity } from '../core/entity.ts';
import { equalEntity } from '../core/equal.ts';
import { toErrorInfo, type SyncError, type SyncErrorInfo } from '../core/errors.ts';
import type { OperationType } from '../core/operation.ts';
import { takeJson } from '../core/take-json.ts';
import { isAnswer, retryAfterOf, toSyncError } from './thrown-errors.ts';
import { epochOf } from './told-epoch.ts';
import { toBase } from './told-base.ts';

/** What an answer says of the way to the backend. */
export type Reach = 'answered' | 'unreachable' | 'intercepted' | 'unauthorized';

/** What an answer means for the request it answers. Nothing here removes an operation but `acknowledged`. */
export type Verdict =
  /** `now`: the backend's state was looked at since. `epoch`: the life of the data that the answer says it is of. */
  | { readonly type: 'acknowledged'; readonly base: Base; readonly now?: Base; readonly epoch?: string | null }
  | { readonly type: 'conflict'; readonly remote: Base; readonly epoch?: string | null }
  /** A definite no, for what the request says. */
  | { readonly type: 'refused'; readonly error: SyncErrorInfo }
  /** Larger than the backend takes at once. */
  | { readonly type: 'tooLarge'; readonly error: SyncErrorInfo }
  /** Not applied, and nothing else would be now. */
  | { readonly type: 'deferred'; readonly error: SyncErrorInfo; readonly reach: Reach; readonly retryAfterMs: number }
  /** It may have been applied. */
  | { readonly type: 'unanswered'; readonly error: SyncErrorInfo; readonly reach: Reach; readonly retryAfterMs: number }
  | { readonly type: 'misconfigured'; readonly error: SyncErrorInfo }
  | { readonly type: 'epochChanged'; readonly epoch: string | null };

/** What a verdict is about. */
export interface Sent {
  readonly collection: string;
  readonly entityId: string;
  readonly type: OperationType;
  /** What the request makes of the entity. */
  readonly result: ISyncEntity | null;
  /** An earlier attempt had no answer. */
  readonly maybeApplied: boolean;
  /** Backends that are compared give no versions. */
  readonly versionOptional: boolean;
}

/** For what is asked without sending an operation: no verdict on it can refuse or acknowledge one. */
export const nothingSent: Sent = {
  collection: '',
  entityId: '',
  type: 'update',
  result: null,
  maybeApplied: false,
  versionOptional: false,
};

const detailLimits = { levels: 16, length: 65_536 };

/** Judges what an ApiClient resolved with. A value that is not a ServerRecord of this entity is no answer (S36). */
export function judgeRecord(sent: Sent, record: unknown): Verdict {
  return guarded(() => judgeValue(sent, record));
}

/** Judges what an ApiClient threw. Codes decide, never the text of a message. */
export function judgeError(sent: Sent, thrown: unknown): Verdict {
  return guarded(() => judgeThrown(sent, toSyncError(thrown)));
}

/** What throws when it is looked at is no answer. */
function guarded(judge: () => Verdict): Verdict {
  try {
    return judge();
  } catch {
    return badResponse('The backend answered with something that cannot be read.');
  }
}

function judgeValue(sent: Sent, record: unknown): Verdict {
  if (sent.type === 'delete' && (record === undefined || record === null)) {
    return { type: 'acknowledged', base: { entity: null, version: null, updatedAt: null } };
  }
  const base = toBase(sent, record);
  if (!base || (base.entity === null) !== (sent.type === 'delete'))
    return badResponse('The backend answered with something that is not this entity.');
  return { type: 'acknowledged', base, epoch: epochOf(record) };
}

/** What is kept of an error: a detail that is no JSON cannot be stored. */
function infoOf(error: SyncError): SyncErrorInfo {
  const { detail, ...info } = toErrorInfo(error);
  const taken = detail === undefined ? 'unfit' : takeJson(detail, detailLimits, true);
  return typeof taken === 'string' ? info : { ...info, detail: taken.value };
}

function judgeThrown(sent: Sent, error: SyncError): Verdict {
  const info = infoOf(error);
  switch (error.code) {
    case 'conflict':
      return judgeConflict(sent, error);
    case 'rejected':
    case 'forbidden':
    case 'invalid-entity':
    case 'invalid-patch':
    case 'invalid-id':
      return { type: 'refused', error: info };
    case 'not-found':
      return judgeAbsence(sent, error, info);
    case 'too-large':
      return { type: 'tooLarge', error: info };
    case 'unauthorized':
      return { type: 'deferred', error: info, reach: 'unauthorized', retryAfterMs: 0 };
    case 'rate-limited':
      return { type: 'deferred', error: info, reach: 'answered', retryAfterMs: retryAfterOf(error) };
    case 'misconfigured':
      return { type: 'misconfigured', error: info };
    case 'epoch-changed':
      return { type: 'epochChanged', epoch: epochOf(error) };
    case 'captive-portal':
      return { type: 'unanswered', error: info, reach: 'intercepted', retryAfterMs: 0 };
    case 'unavailable':
      return {
        type: 'unanswered',
        error: info,
        reach: isAnswer(error) ? 'answered' : 'unreachable',
        retryAfterMs: retryAfterOf(error),
      };
    default:
      return { type: 'unanswered', error: info, reach: 'unreachable', retryAfterMs: 0 };
  }
}

function judgeConflict(sent: Sent, error: SyncError): Verdict {
  const { current: record } = error as Partial<{ current: unknown }>;
  const epoch = epochOf(record);
  const current = toBase({ ...sent, versionOptional: true }, record);
  if (!current) return badResponse('A conflict was reported without the current state of the entity.');
  if (sent.maybeApplied && equalEntity(current.entity, sent.result))
    return { type: 'acknowledged', base: current, epoch };
  return { type: 'conflict', remote: current, epoch };
}

function judgeAbsence(sent: Sent, thrown: SyncError, error: SyncErrorInfo): Verdict {
  const { current: record } = thrown as Partial<{ current: unknown }>;
  const epoch = epochOf(record);
  const told = toBase(sent, record);
  const absent = told?.entity === null ? told : { entity: null, version: null, updatedAt: null };
  if (sent.type === 'delete') return { type: 'acknowledged', base: absent, epoch };
  return sent.type === 'update' ? { type: 'conflict', remote: absent, epoch } : { type: 'refused', error };
}

function badResponse(message: string): Verdict {
  return { type: 'unanswered', error: { code: 'bad-response', message }, reach: 'unreachable', retryAfterMs: 0 };
}
