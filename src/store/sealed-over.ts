import type { FieldPolicies } from '../core/conflict.ts';
import { applyOperation, foldOver } from './apply-operation.ts';
import type { EntityState } from './entity-state.ts';
import type { SealedRequest } from './entry.ts';
import { absorbing, rebaseAfterOwn } from './rebase.ts';

/**
 * The state in which the request could be sealed: what is pending had been moved to the version that it was made on, and it
 * carries what is pending up to its newest operation. That is a fact, also where other field policies than those of then would
 * contest what was merged, or merge what was contested (S29). Null: the request does not fit.
 */
export function sealedOver(
  { base, work }: EntityState,
  request: SealedRequest,
  policies: FieldPolicies | undefined,
): EntityState | null {
  const on = work?.foreign ?? base;
  if (!work || !on || on.version === null || request.baseVersion !== on.version) return null;
  const sealed = new Set(request.operationIds);
  const count = work.pending.findLastIndex(({ id }) => sealed.has(id)) + 1;
  const carried = work.pending.slice(0, count);
  if (carried.at(-1)?.id !== request.operationIds.at(-1)) return null;
  const { type, entity, patch, baseVersion } = request;
  const operation = { ...absorbing(carried), type, baseVersion, ...(entity && { entity }), ...(patch && { patch }) };
  const result = { ...on, entity: applyOperation(on.entity, operation) };
  const rest = rebaseAfterOwn(
    { sent: foldOver(base, carried), base: result, view: work.view, pending: work.pending.slice(count) },
    policies,
  );
  return {
    base: on,
    work: {
      ...work,
      foreign: null,
      request: { ...request, operationIds: [operation.id] },
      view: rest.view,
      pending: [operation, ...rest.pending],
    },
  };
}
