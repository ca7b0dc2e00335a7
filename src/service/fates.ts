import { createDeferred } from '../core/deferred.ts';
import type { SyncError } from '../core/errors.ts';
import type { ISyncEntity } from '../core/entity.ts';

/** How an operation ended: with the backend's entity, or with an error. */
export type Fate = { readonly entity: ISyncEntity | null } | { readonly error: SyncError };

/** What is to become of one operation. There is one per unsettled operation: it is no more than a record. */
export interface OpenFate {
  /** Resolves when the operation is durable. */
  durable: Promise<void>;
  outcome: Fate | null;
  /** Null until somebody asks for it with {@link promiseOf}. */
  promised: PromisedFate | null;
}

interface PromisedFate {
  readonly promise: Promise<ISyncEntity | null>;
  keep(fate: Fate): void;
}

/** The fates of operations by id, until they are settled. The first word counts: a retry never revives a rejection (S21). */
export interface Fates {
  open(operationId: string): OpenFate;
  find(operationId: string): OpenFate | undefined;
  settle(operationIds: readonly string[], fate: Fate): void;
}

const sinceEver = Promise.resolve();

export function createFates(): Fates {
  const fatesById = new Map<string, OpenFate>();
  return {
    open(operationId) {
      const fate: OpenFate = { durable: sinceEver, outcome: null, promised: null };
      fatesById.set(operationId, fate);
      return fate;
    },
    find: (operationId) => fatesById.get(operationId),
    settle(operationIds, outcome) {
      for (const id of operationIds) {
        const fate = fatesById.get(id);
        if (!fate) continue;
        fatesById.delete(id);
        fate.outcome = outcome;
        fate.promised?.keep(outcome);
      }
    },
  };
}

/** A fate that is known already. */
export function settledFate(outcome: Fate): OpenFate {
  return { durable: sinceEver, outcome, promised: null };
}

/** Resolves or rejects with the outcome. The same promise each time; it never counts as unhandled. */
export function promiseOf(fate: OpenFate): Promise<ISyncEntity | null> {
  fate.promised ??= promise(fate.outcome);
  return fate.promised.promise;
}

function promise(known: Fate | null): PromisedFate {
  const { promise: made, resolve, reject } = createDeferred<ISyncEntity | null>();
  const keep = (fate: Fate) => ('error' in fate ? reject(fate.error) : resolve(fate.entity));
  if (known) keep(known);
  return { promise: made, keep };
}
