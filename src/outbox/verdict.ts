import type { Base, ISyncEntity } from '../core/entity.ts';
import { checkEntity, readEntity, type PlainEntity } from '../core/entity-input.ts';
import { equalEntity } from '../core/equal.ts';
import { SyncError, toErrorInfo, type SyncErrorCode, type SyncErrorInfo } from '../core/errors.ts';
import { withUpdatedAt } from '../core/metadata.ts';
import type { OperationType } from '../core/operation.ts';
import type { ServerRecord } from '../core/record.ts';
import type { Json } from '../core/json.ts';
import { takeJson } from '../core/take-json.ts';

/** What an answer says of the way to the backend. */
export type Reach = 'answered' | 'unreachable' | 'intercepted' | 'unauthorized';

/** What an answer means for the request it answers. Nothing here removes an operation but `acknowledged`. */
export type Verdict =
  | { readonly type: 'acknowledged'; readonly base: Base }
  | { readonly type: 'conflict'; readonly remote: Base }
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

/** Where nothing tells when. */
const unknownTime = new Date(0).toISOString();

const longestRetryAfterMs = 3_600_000;
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
  return { type: 'acknowledged', base };
}

type About = Pick<Sent, 'collection' | 'entityId' | 'versionOptional'> & Partial<Pick<Sent, 'result'>>;

/** The server state a record tells; null when it is none of the entity (S36). */
export function toBase(of: About, record: unknown): Base | null {
  return readBase(of, record, readEntity);
}

/** The same of a record whose entity was made here and shares nothing that others change. */
export function toBaseUncopied(of: About, record: ServerRecord): Base | null {
  return readBase(of, record, checkEntity);
}

function readBase(of: About, record: unknown, read: typeof readEntity): Base | null {
  if (typeof record !== 'object' || record === null) return null;
  const { entity, version, deleted, updatedAt } = record as Partial<ServerRecord>;
  if (version !== undefined && typeof version !== 'string' && !Number.isFinite(version)) return null;
  if (updatedAt !== undefined && typeof updatedAt !== 'string') return null;
  const time = updatedAt ?? null;
  if (entity === null) {
    return deleted === false ? null : { entity: null, version: version ?? null, updatedAt: time };
  }
  if (version === undefined && !of.versionOptional) return null;
  if (typeof entity !== 'object' || entity === undefined || deleted === true || entity.id !== of.entityId) return null;
  try {
    const plain = read(of.collection, entity);
    const told = time ?? (plain.updatedAt || null);
    const filled = withMetadata(plain, told ?? of.result?.updatedAt ?? unknownTime, version);
    return { entity: filled, version: version ?? null, updatedAt: told };
  } catch {
    return null;
  }
}

function withMetadata(plain: PlainEntity, updatedAt: string, version: Base['version'] | undefined): ISyncEntity {
  const entity: ISyncEntity = withUpdatedAt(plain, updatedAt);
  if (version !== undefined && version !== null) {
    entity.version = version;
    return entity;
  }
  const { version: _, ...unversioned } = entity;
  return unversioned;
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
  const current = toBase({ ...sent, versionOptional: true }, (error as Partial<{ current: unknown }>).current);
  if (!current) return badResponse('A conflict was reported without the current state of the entity.');
  if (sent.maybeApplied && equalEntity(current.entity, sent.result)) return { type: 'acknowledged', base: current };
  return { type: 'conflict', remote: current };
}

function judgeAbsence(sent: Sent, thrown: SyncError, error: SyncErrorInfo): Verdict {
  const told = toBase(sent, (thrown as Partial<{ current: unknown }>).current);
  const absent = told?.entity === null ? told : { entity: null, version: null, updatedAt: null };
  if (sent.type === 'delete') return { type: 'acknowledged', base: absent };
  return sent.type === 'update' ? { type: 'conflict', remote: absent } : { type: 'refused', error };
}

function badResponse(message: string): Verdict {
  return { type: 'unanswered', error: { code: 'bad-response', message }, reach: 'unreachable', retryAfterMs: 0 };
}

/** Anything thrown, as a SyncError. Errors of another copy of the library are recognised by their code. */
export function toSyncError(thrown: unknown): SyncError {
  if (thrown instanceof SyncError) return thrown;
  const code = typeof thrown === 'object' && thrown !== null ? (thrown as { code?: unknown }).code : undefined;
  if (isErrorCode(code)) return ofOtherCopy(code, thrown as Readonly<Record<string, unknown>>);
  return new SyncError('unavailable', 'The request to the backend failed without an answer.', { cause: thrown });
}

/** What the error says of the answer; what follows from its code is not taken over. */
function ofOtherCopy(code: SyncErrorCode, thrown: Readonly<Record<string, unknown>>): SyncError {
  const { message, status, detail } = thrown;
  const error = new SyncError(code, typeof message === 'string' ? message : code, {
    status: typeof status === 'number' ? status : undefined,
    detail: detail as Json | undefined,
    cause: thrown,
  });
  const told = ['current', 'retryAfterMs', 'epoch', 'isFromBackend'].filter((name) => thrown[name] !== undefined);
  return Object.assign(error, Object.fromEntries(told.map((name) => [name, thrown[name]])));
}

const isErrorCode = (code: unknown): code is SyncErrorCode => errorCodes.has(code as string);

const errorCodes: ReadonlySet<string> = new Set<SyncErrorCode>([
  'conflict',
  'rejected',
  'invalid-entity',
  'invalid-patch',
  'invalid-id',
  'unauthorized',
  'forbidden',
  'not-found',
  'too-large',
  'misconfigured',
  'rate-limited',
  'unavailable',
  'bad-response',
  'captive-portal',
  'cursor-expired',
  'epoch-changed',
  'timeout',
]);

/** Whether `unavailable` is the backend's own word: it has a status, and nothing says that a gateway gave it (S26). */
export function isAnswer(error: SyncError): boolean {
  return error.status !== undefined && (error as Partial<{ isFromBackend: unknown }>).isFromBackend !== false;
}

/** Milliseconds that the backend asked to wait, at most an hour; 0: it did not ask, or nonsense. */
export function retryAfterOf(error: SyncError): number {
  const told: unknown = (error as Partial<{ retryAfterMs: unknown }>).retryAfterMs;
  return typeof told === 'number' && told > 0 ? Math.min(told, longestRetryAfterMs) : 0;
}

/** The epoch that the backend named; null: it named none. */
export function epochOf(error: SyncError): string | null {
  const told: unknown = (error as Partial<{ epoch: unknown }>).epoch;
  return typeof told === 'string' ? told : null;
}
