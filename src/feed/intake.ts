import { applyPatch } from '../core/apply-patch.ts';
import type { Base, ISyncEntity, Version } from '../core/entity.ts';
import { readJson } from '../core/entity-input.ts';
import type { JsonPatchOperation } from '../core/json.ts';
import type { RemoteChange } from '../core/record.ts';
import { newestKnown, type EntityState } from '../store/entity-state.ts';
import { isSameState } from '../store/versions.ts';

/** What a change of the feed or of a frame means for one entity. */
export type Intake =
  /** It tells nothing new: an echo of an own write, or a state that is known or passed. */
  | { readonly type: 'known' }
  /** It acknowledges the request that is out. */
  | { readonly type: 'acknowledgement'; readonly key: string; readonly base: Base }
  | { readonly type: 'change'; readonly base: Base }
  /** It says only that there is something: the entity has to be fetched. */
  | { readonly type: 'fetch' };

export interface IntakeRules {
  /** A request of this client, settled already, has this key. */
  isOwnKey(key: string): boolean;
  /** Checks and copies what the backend sent; null: it is not this entity. */
  read(change: RemoteChange): Base | null;
  /** Checks what a patch of the backend made of a known entity; null: it is not this entity. */
  check(change: RemoteChange, patched: ISyncEntity): Base | null;
}

/**
 * Decides what a change means for the state an entity has (S6, S10, S12). Of numbers the higher is the newer; of strings a
 * change applies only to the version it was made on. What is not certain to come after a deletion of which no version is known
 * is fetched: the feed may not have come to the deletion yet, or the entity may be there again. An own change that is settled is
 * mostly the state that is held, or came before it; where versions tell that it did not, or cannot tell, it counts like any other.
 */
export function takeIn(state: EntityState, change: RemoteChange, rules: IntakeRules): Intake {
  const { idempotencyKey: key } = change;
  const request = state.work?.request;
  const known = newestKnown(state);
  if (key !== undefined && request?.idempotencyKey === key) {
    const base = stateTold(known, change, rules);
    return base ? { type: 'acknowledgement', key, base } : { type: 'fetch' };
  }
  const { version } = change.record;
  const canCompare = version !== undefined && known !== null && known.version !== null;
  if (key !== undefined && rules.isOwnKey(key) && !canCompare) return { type: 'known' };
  if (known?.after !== undefined && version !== undefined && !isAfter(change, known.after))
    return isGone(change) ? { type: 'known' } : { type: 'fetch' };
  if (known && version !== undefined && known.version !== null) {
    if (version === known.version) return { type: 'known' };
    if (typeof version === 'number' && typeof known.version === 'number') {
      if (version < known.version) return { type: 'known' };
    } else if (change.baseVersion !== known.version) return { type: 'fetch' };
  }
  const base = stateTold(known, change, rules);
  if (!base) return { type: 'fetch' };
  return known && isSameState(base, known) ? { type: 'known' } : { type: 'change', base };
}

const isGone = ({ record, patch }: RemoteChange) => record.entity === null && (record.deleted === true || !patch);

/** Of strings, only what was made on the other is certain to come after it. */
function isAfter({ record: { version }, baseVersion }: RemoteChange, other: Version): boolean {
  return typeof version === 'number' && typeof other === 'number' ? version > other : baseVersion === other;
}

/** The state that the change tells, where it can be made out from what is here. */
function stateTold(known: Base | null, change: RemoteChange, rules: IntakeRules): Base | null {
  const { record, patch, baseVersion } = change;
  if (record.entity !== null || record.deleted === true || !patch) return rules.read(change);
  if (!known?.entity || known.cut || known.version === null || known.version !== baseVersion) return null;
  try {
    return rules.check(change, applyPatch(known.entity, patch.map(ownStep)));
  } catch {
    return null;
  }
}

/** New values are shared with the patch, which is the sender's. */
function ownStep(step: JsonPatchOperation): JsonPatchOperation {
  const isShared = 'value' in step && typeof step.value === 'object' && step.value !== null;
  return isShared ? { ...step, value: readJson(step.value) } : step;
}
