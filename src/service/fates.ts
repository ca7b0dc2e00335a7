import type { SyncError } from '../core/errors.ts';
import type { ISyncEntity } from '../core/entity.ts';

/** How an operation ended: with the backend's entity, or with an error. */
export type Fate = { readonly entity: ISyncEntity | null } | { readonly error: SyncError };

/** What is to become of one operation. The promise is made when somebody asks for it, and never counts as unhandled. */
export interface OpenFate {
  /** Resolves when the operation is durable. */
  durable: Promise<void>;
  readonly promise: Promise<ISyncEntity | null>;
  readonly outcome: Fate | null;
}

/** The fates of operations by id, until they are settled. The first word counts: a retry never revives a rejection (S21). */
export interface Fates {
  open(operationId: string): OpenFate;
  find(operationId: string): OpenFate | undefined;
  settle(operationIds: readonly string[], fate: Fate): void;
}

interface Tracked extends OpenFate {
  settle(fate: Fate): void;
}

export function createFates(): Fates {
  const fatesById = new Map<string, Tracked>();
  return {
    open(operationId) {
      const fate = createFate(null);
      fatesById.set(operationId, fate);
      return fate;
    },
    find: (operationId) => fatesById.get(operationId),
    settle(operationIds, fate) {
      for (const id of operationIds) {
        fatesById.get(id)?.settle(fate);
        fatesById.delete(id);
      }
    },
  };
}

/** A fate that is known already. */
export function settledFate(fate: Fate): OpenFate {
  return createFate(fate);
}

function createFate(known: Fate | null): Tracked {
  let outcome = known;
  let finish: ((fate: Fate) => void) | null = null;
  let promise: Promise<ISyncEntity | null> | null = null;

  function makePromise(): Promise<ISyncEntity | null> {
    const made = new Promise<ISyncEntity | null>((resolve, reject) => {
      finish = (fate) => ('error' in fate ? reject(fate.error) : resolve(fate.entity));
      if (outcome) finish(outcome);
    });
    made.catch(() => undefined);
    return made;
  }

  return {
    durable: Promise.resolve(),
    get promise() {
      return (promise ??= makePromise());
    },
    get outcome() {
      return outcome;
    },
    settle(fate) {
      if (outcome) return;
      outcome = fate;
      finish?.(fate);
    },
  };
}
