import { applyPatch } from '../core/apply-patch.ts';
import type { Base, ISyncEntity, Version } from '../core/entity.ts';
import { readJson } from '../core/entity-input.ts';
import type { Json, JsonPatch, JsonPatchOperation } from '../core/json.ts';
import type { RemoteChange } from '../core/record.ts';
import { newestKnown, type EntityState } from '../store/entity-state.ts';
import { isSameState } from '../store/versions.ts';

/** What a change of the feed or of a frame means for one entity. */
export type Intake =
  /** It tells nothing new: an echo of an own write, or a state that is known or passed. */
  | { readonly type: 'known' }
  /** It acknowledges the request that is out. */
  | { readonly type: 'acknowledgement'; readonly key: string; readonly base: Base }
  /** `patch`: what it was made of the known state with, where it was told so. */
  | { readonly type: 'change'; readonly base: Base; readonly patch?: JsonPatch }
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
 * the state that is held in this life of the server's data, or came before it, where versions do not tell; else it counts like any other.
 * What has no version may be from before what is known: while something is pending over that, it is fetched.
 */
export function takeIn(state: EntityState, change: RemoteChange, rules: IntakeRules): Intake {
  const { idempotencyKey: key } = change;
  const request = state.work?.request;
  const known = newestKnown(state);
  if (key !== undefined && request?.idempotencyKey === key) {
    const told = stateTold(known, change, rules);
    return told ? { type: 'acknowledgement', key, base: told.base } : { type: 'fetch' };
  }
  const { version } = change.record;
  if (known?.after !== undefined && version !== undefined && !isAfter(change, known.after))
    return isGone(change) ? { type: 'known' } : { type: 'fetch' };
  if (known && version !== undefined && known.version !== null) {
    if (version === known.version) return { type: 'known' };
    if (typeof version === 'number' && typeof known.version === 'number') {
      if (version < known.version) return { type: 'known' };
    } else if (change.baseVersion !== known.version) return { type: 'fetch' };
  } else if (known && key !== undefined && rules.isOwnKey(key)) return { type: 'known' };
  const told = stateTold(known, change, rules);
  if (!told) return { type: 'fetch' };
  if (known && isSameState(told.base, known)) return { type: 'known' };
  const mayBeEarlier = state.work !== null && known?.version === null && version === undefined;
  return mayBeEarlier ? { type: 'fetch' } : { type: 'change', ...told };
}

const isGone = ({ record, patch }: RemoteChange) => record.entity === null && (record.deleted === true || !patch);

/** Of strings, only what was made on the other is certain to come after it. */
function isAfter({ record: { version }, baseVersion }: RemoteChange, other: Version): boolean {
  return typeof version === 'number' && typeof other === 'number' ? version > other : baseVersion === other;
}

/** The state that the change tells, where it can be made out from what is here. */
function stateTold(
  known: Base | null,
  change: RemoteChange,
  rules: IntakeRules,
): { readonly base: Base; readonly patch?: JsonPatch } | null {
  const { record, patch: told, baseVersion } = change;
  if (record.entity !== null || record.deleted === true || !told) {
    const base = rules.read(change);
    return base && { base };
  }
  if (!known?.entity || known.cut || known.version === null || known.version !== baseVersion) return null;
  try {
    const patch = told.map(ownStep);
    const base = rules.check(change, applyPatch(known.entity, patch));
    return base && { base, patch };
  } catch {
    return null;
  }
}

/** What the step is made of and nothing else, shared with nobody: new values are shared with the patch, and the patch is stored. */
function ownStep(step: JsonPatchOperation): JsonPatchOperation {
  switch (step.op) {
    case 'add':
    case 'replace':
    case 'test':
      return { op: step.op, path: step.path, value: ownValue(step.value) };
    case 'move':
    case 'copy':
      return { op: step.op, from: step.from, path: step.path };
    default:
      return { op: step.op, path: step.path };
  }
}

function ownValue(value: Json): Json {
  return typeof value === 'object' && value !== null ? readJson(value) : value;
}
