import { applyPatch } from '../core/apply-patch.ts';
import { diff } from '../core/diff.ts';
import { readEntity } from '../core/entity-input.ts';
import { SyncError } from '../core/errors.ts';
import { parseStamp } from '../core/hybrid-clock.ts';
import type { Json, JsonObject } from '../core/json.ts';
import { applyMergePatch } from './merge-patch.ts';
import type { FeedChange, StoredAnswer, StoredEntity, StoredRepeat } from './ports/store.ts';
import { createProblem, type Problem, type ProblemCode } from './problem.ts';
import { toEntityJson, toRecordJson, withoutMetadata } from './record-json.ts';
import type { WriteRequest } from './write-request.ts';

/** What a write would make of the stored entity; null deletes it. */
export type Proposal = { readonly entity: JsonObject | null } | { readonly problem: Problem };

/** What becomes of a write. */
export type Decision =
  | { readonly type: 'replayed'; readonly answer: StoredAnswer }
  | { readonly type: 'refused'; readonly problem: Problem }
  | { readonly type: 'applied'; readonly change: FeedChange; readonly answer: StoredAnswer };

/** First: a repeat gets the stored answer, the same key with other content is refused, anything else goes on (null). */
export function lookUpRepeat(repeat: StoredRepeat | null, fingerprint: string): Decision | null {
  if (repeat === null) return null;
  if (repeat.fingerprint === fingerprint) return { type: 'replayed', answer: repeat.answer };
  return { type: 'refused', problem: createProblem('key-reused') };
}

/** Second: what the write would make of the stored entity, whether it may happen or not. */
export function propose(stored: StoredEntity | null, request: WriteRequest): Proposal {
  if (request.content.type === 'delete') return { entity: null };
  try {
    const proposed = build(stored, request);
    if ('problem' in proposed) return proposed;
    return checkProposed(request, proposed.value);
  } catch (error) {
    return { problem: toProblem(error) };
  }
}

function build(stored: StoredEntity | null, { content }: WriteRequest): { value: Json } | { problem: Problem } {
  const current = stored === null ? null : toEntityJson(stored);
  switch (content.type) {
    case 'create':
    case 'replace':
      return { value: content.entity };
    case 'merge-patch':
      return { value: applyMergePatch(current ?? {}, content.patch) };
    case 'patch':
      return current === null
        ? { problem: createProblem('not-found') }
        : { value: applyPatch<Json>(current, content.patch) };
    case 'delete':
      return { value: null };
  }
}

function checkProposed({ collection, id }: WriteRequest, value: Json): Proposal {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { problem: createProblem('invalid-entity', { detail: 'An entity is a JSON object.' }) };
  }
  const entity = readEntity(collection, withoutMetadata(value as JsonObject));
  if (entity.id !== id)
    return { problem: createProblem('invalid-entity', { detail: 'The id of an entity never changes.' }) };
  return { entity };
}

function toProblem(error: unknown): Problem {
  if (!(error instanceof SyncError)) throw error;
  const where = error.path === undefined ? '' : ` (at "${error.path}")`;
  return createProblem(problemCode(error), { detail: `${error.message}${where}` });
}

function problemCode({ code, detail }: SyncError): ProblemCode {
  if (code === 'too-large') return 'too-large';
  if (code !== 'invalid-patch') return 'invalid-entity';
  const { reason = null } = (detail ?? {}) as { readonly reason?: Json };
  return reason === 'not-found' || reason === 'test-failed' ? 'patch-failed' : 'invalid-patch';
}

/** Third: whether the stored entity is what the client was looking at. Null: it is. */
export function checkExpected(stored: StoredEntity | null, { content, expected }: WriteRequest): Problem | null {
  const isLive = stored !== null && stored.entity !== null;
  if (content.type === 'create') return isLive ? versionProblem(stored) : null;
  if (expected === null) return createProblem('precondition-required');
  if (stored === null) return createProblem('not-found');
  if (!isLive) {
    return content.type === 'delete'
      ? createProblem('deleted', { current: toRecordJson(stored) })
      : versionProblem(stored);
  }
  return expected === '*' || expected.includes(stored.version) ? null : versionProblem(stored);
}

const versionProblem = (stored: StoredEntity): Problem =>
  createProblem('precondition-failed', { current: toRecordJson(stored) });

/** Last: the change and the answer of a write that may happen. */
export function settle(
  stored: StoredEntity | null,
  request: WriteRequest,
  entity: JsonObject | null,
  nowMs: number,
): Extract<Decision, { type: 'applied' }> {
  const before = stored?.entity ?? null;
  const change: FeedChange = {
    collection: request.collection,
    id: request.id,
    version: (stored?.version ?? 0) + 1,
    entity,
    updatedAt: earlierStamp(request.updatedAt, nowMs),
    idempotencyKey: request.idempotencyKey,
    clientId: request.clientId,
    baseVersion: stored?.version ?? null,
    before,
    patch: before === null || entity === null ? null : diff(before, entity),
    committedAtMs: nowMs,
  };
  return { type: 'applied', change, answer: { status: answerStatus(before, entity), record: toRecordJson(change) } };
}

function answerStatus(before: JsonObject | null, entity: JsonObject | null): StoredAnswer['status'] {
  if (entity === null) return 204;
  return before === null ? 201 : 200;
}

/** S18: min(claimed, now). */
function earlierStamp(claimed: string | null, nowMs: number): string {
  const claimedMs = claimed === null ? null : parseStamp(claimed);
  return claimed === null || claimedMs === null || claimedMs > nowMs ? new Date(nowMs).toISOString() : claimed;
}

/** What a write is judged on. */
export interface Finding {
  readonly stored: StoredEntity | null;
  readonly repeat: StoredRepeat | null;
  readonly request: WriteRequest;
  readonly fingerprint: string;
  readonly nowMs: number;
}

/**
 * What only the app can say: whether the write may make this entity of the stored one (null: deletes it, or nothing can be made),
 * whether the stored one may be shown, and whether an entity is valid.
 */
export interface Question {
  readonly type: 'may-write' | 'may-read' | 'validate';
  readonly entity: JsonObject | null;
}

/** Yes, with the entity as it may be stored; or why not. */
export type Ruling = { readonly entity: JsonObject | null } | { readonly problem: Problem };

const refused = (problem: Problem): Decision => ({ type: 'refused', problem });

/**
 * What becomes of a write, in the order that is safe: repeat look-up, authorisation on the stored and the new entity,
 * precondition, content, validation. Any other order refuses a repeat by its own effect, or shows what may not be read. Yields
 * what has to be asked, and goes on with the answer. Pure.
 */
export function* judgeWrite(finding: Finding): Generator<Question, Decision, Ruling> {
  const { stored, request, nowMs } = finding;
  const repeated = lookUpRepeat(finding.repeat, finding.fingerprint);
  if (repeated !== null) return repeated;
  const proposal = propose(stored, request);
  const permission = yield { type: 'may-write', entity: 'problem' in proposal ? null : proposal.entity };
  if ('problem' in permission) return refused(permission.problem);
  const problem = checkExpected(stored, request);
  if (problem !== null) {
    const showing = yield { type: 'may-read', entity: null };
    return refused('problem' in showing ? showing.problem : problem);
  }
  if ('problem' in proposal) return refused(proposal.problem);
  if (proposal.entity === null) return settle(stored, request, null, nowMs);
  const validation = yield { type: 'validate', entity: proposal.entity };
  return 'problem' in validation ? refused(validation.problem) : settle(stored, request, validation.entity, nowMs);
}

/** What becomes of a write where everyone may do everything and every entity is valid. Pure. */
export function decide(finding: Finding): Decision {
  const steps = judgeWrite(finding);
  let step = steps.next();
  while (step.done !== true) step = steps.next({ entity: step.value.entity });
  return step.value;
}
