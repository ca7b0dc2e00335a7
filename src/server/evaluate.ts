import type { Access } from './access.ts';
import { judgeWrite, type Decision, type Finding, type Question, type Ruling } from './decide.ts';
import type { Principal } from './options.ts';
import type { StoredEntity } from './ports/store.ts';
import { createProblem } from './problem.ts';
import { toEntityJson } from './record-json.ts';
import type { Validate } from './validation.ts';
import type { WriteRequest } from './write-request.ts';

/** What a write finds when it is looked at. */
export interface Situation extends Finding {
  readonly principal: Principal;
}

/** What becomes of a write, by {@link judgeWrite} and what the app answers. Rejects with a problem when a hook fails. */
export async function evaluate(situation: Situation, access: Access, validate: Validate): Promise<Decision> {
  const steps = judgeWrite(situation);
  let step = steps.next();
  while (step.done !== true) step = steps.next(await answer(situation, step.value, access, validate));
  return step.value;
}

async function answer(
  { principal, request, stored }: Situation,
  { type, entity }: Question,
  access: Access,
  validate: Validate,
): Promise<Ruling> {
  const allowedIf = (isAllowed: boolean): Ruling => (isAllowed ? { entity } : { problem: createProblem('forbidden') });
  switch (type) {
    case 'may-write':
      return allowedIf(await mayWrite(access, principal, request, stored, entity));
    case 'may-read':
      return allowedIf(await mayRead(access, principal, request, stored));
    case 'validate':
      return entity === null ? { entity } : validate(request.collection, entity);
  }
}

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

async function mayRead(
  access: Access,
  principal: Principal,
  { collection }: WriteRequest,
  stored: StoredEntity | null,
): Promise<boolean> {
  const entity = stored === null ? null : toEntityJson(stored);
  return entity === null || access.may(principal, 'read', collection, entity);
}
