import type { Access } from './access.ts';
import { checkExpected, lookUpRepeat, propose, settle, type Decision } from './decide.ts';
import type { Principal } from './options.ts';
import type { StoredEntity, StoredRepeat } from './ports/store.ts';
import { createProblem, type Problem } from './problem.ts';
import { toEntityJson } from './record-json.ts';
import type { Validate } from './validation.ts';
import type { WriteRequest } from './write-request.ts';

/** What a write finds when it is looked at. */
export interface Situation {
  readonly principal: Principal;
  readonly request: WriteRequest;
  readonly fingerprint: string;
  readonly stored: StoredEntity | null;
  readonly repeat: StoredRepeat | null;
  readonly nowMs: number;
}

/**
 * What becomes of a write, in the order that is safe: repeat look-up, authorisation on the stored and the new entity,
 * precondition, content, validation. Any other order refuses a repeat by its own effect, or shows what may not be read.
 */
export async function evaluate(situation: Situation, access: Access, validate: Validate): Promise<Decision> {
  const { principal, request, stored, nowMs } = situation;
  const repeated = lookUpRepeat(situation.repeat, situation.fingerprint);
  if (repeated !== null) return repeated;
  const proposal = propose(stored, request);
  const proposed = 'problem' in proposal ? null : proposal.entity;
  if (!(await mayWrite(access, principal, request, stored, proposed))) return refused(createProblem('forbidden'));
  const problem = checkExpected(stored, request);
  if (problem !== null) return refused(await withReadable(access, principal, request.collection, stored, problem));
  if ('problem' in proposal) return refused(proposal.problem);
  if (proposal.entity === null) return settle(stored, request, null, nowMs);
  const validation = await validate(request.collection, proposal.entity);
  if ('problem' in validation) return refused(validation.problem);
  return settle(stored, request, validation.entity, nowMs);
}

const refused = (problem: Problem): Decision => ({ type: 'refused', problem });

async function mayWrite(
  access: Access,
  principal: Principal,
  { collection, id }: WriteRequest,
  stored: StoredEntity | null,
  proposed: Readonly<StoredEntity['entity']>,
): Promise<boolean> {
  const before = stored === null ? null : toEntityJson(stored);
  const after =
    proposed === null
      ? null
      : toEntityJson({ id, entity: proposed, version: stored?.version ?? 0, updatedAt: stored?.updatedAt ?? '' });
  if (before === null && after === null) return access.may(principal, 'write', collection, null);
  if (before !== null && !(await access.may(principal, 'write', collection, before))) return false;
  return after === null || access.may(principal, 'write', collection, after);
}

/** A problem tells the stored record only to who may read it. */
async function withReadable(
  access: Access,
  principal: Principal,
  collection: string,
  stored: StoredEntity | null,
  problem: Problem,
): Promise<Problem> {
  const entity = stored === null ? null : toEntityJson(stored);
  if (entity === null || (await access.may(principal, 'read', collection, entity))) return problem;
  return createProblem('forbidden');
}
