import type { BuiltInStrategy, Conflict, FieldPolicies, Resolution } from './conflict.ts';
import type { Side } from './decide-field.ts';
import { equalEntity } from './equal.ts';
import { mergeEntity } from './merge.ts';
import { clampStamp, readStamp, type Stamp } from './stamp.ts';

/** What a built-in strategy may need to know besides the conflict. */
export interface ResolutionContext {
  readonly policies?: FieldPolicies | undefined;
  /** Estimated server time, milliseconds since 1970: times beyond it by more than 5 minutes are brought back to that. */
  readonly serverNowMs?: number | undefined;
  /** How far the server's clock is ahead of this device's, in milliseconds, as estimated; default 0. */
  readonly clockOffsetMs?: number | undefined;
}

/** What is known of the clocks that the sides of a conflict were stamped by. */
export type Clocks = Pick<ResolutionContext, 'serverNowMs' | 'clockOffsetMs'>;

/** A strategy as a function: the same conflict and context always give the same resolution. */
export type BuiltInResolver = (conflict: Conflict, context?: ResolutionContext) => Resolution;

function compareStamps(local: Stamp, remote: Stamp, { serverNowMs = Infinity, clockOffsetMs = 0 }: Clocks): number {
  const localMs = clampStamp(local.ms, Math.min(serverNowMs, local.ms + clockOffsetMs));
  const remoteMs = clampStamp(remote.ms, serverNowMs);
  if (localMs !== remoteMs) return localMs - remoteMs;
  return localMs < local.ms || remoteMs < remote.ms ? 0 : local.counter - remote.counter;
}

/**
 * The side that changed last (S18). Both times are brought back to 5 minutes after the server's if they are later, the local one
 * after the server's when it was taken. Equal times, and a remote side without a time, go to the remote side.
 */
export function laterSide(localTimestamp: string, remoteTimestamp: string | null, clocks: Clocks): Side {
  const local = readStamp(localTimestamp);
  const remote = remoteTimestamp === null ? null : readStamp(remoteTimestamp);
  if (local === null || remote === null) return 'remote';
  return compareStamps(local, remote, clocks) > 0 ? 'local' : 'remote';
}

function laterOf(conflict: Conflict, context: ResolutionContext): Side {
  return laterSide(conflict.localTimestamp, conflict.remoteTimestamp, context);
}

/** A deletion against an edit: the edit survives, unless that side changed nothing. */
function mergeWithDeletion({ base, local, remote }: Conflict): Resolution {
  const survivor = local ?? remote;
  return { entity: survivor === null || equalEntity(base, survivor) ? null : survivor };
}

function mergeConflict(conflict: Conflict, context: ResolutionContext = {}): Resolution {
  const { base, local, remote } = conflict;
  if (local === null || remote === null) return mergeWithDeletion(conflict);
  const { entity, conflicts } = mergeEntity(base, local, remote, {
    policies: context.policies,
    later: laterOf(conflict, context),
  });
  return conflicts.some((each) => each.manual) ? 'manual' : { entity };
}

/**
 * The built-in strategies. All but `merge` take a whole side; `merge` keeps what either side changed, lets an edit
 * survive a deletion, and gives `'manual'` where a field's policy asks for it. They never throw for a well-formed
 * conflict and policies with valid pointers.
 */
export const builtInResolvers: Readonly<Record<BuiltInStrategy, BuiltInResolver>> = {
  'client-wins': ({ local }) => ({ entity: local }),
  'server-wins': ({ remote }) => ({ entity: remote }),
  'last-write-wins': (conflict, context = {}) => ({ entity: conflict[laterOf(conflict, context)] }),
  merge: mergeConflict,
  manual: () => 'manual',
};
