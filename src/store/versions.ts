import type { Base } from '../core/entity.ts';
import { equalEntity } from '../core/equal.ts';

/**
 * Whether a state told by the backend comes after a known one. Numbers are ordered; of strings nothing is known but
 * equality, so a different one counts as later: whoever passes it on has made sure (S12).
 */
export function isNewer(told: Base, known: Base): boolean {
  if (told.version === null || known.version === null) return true;
  if (typeof told.version === 'number' && typeof known.version === 'number') return told.version > known.version;
  return told.version !== known.version;
}

/** Whether both are one state of the entity: by version, or by content where the backend gives none. */
export function isSameState(a: Base, b: Base): boolean {
  if (a.version === null && b.version === null) return equalEntity(a.entity, b.entity);
  return a.version === b.version && (a.entity === null) === (b.entity === null);
}

/** The told state, which follows the known one: a tombstone without a version remembers what it came after (G10). */
export function follow(told: Base, known: Base | null): Base {
  if (told.entity !== null || told.version !== null || !known || known.forgotten) return told;
  const after = known.version ?? known.after;
  return after === undefined ? told : { ...told, after };
}

/** Whether a state is certain to come after another: of numbers only can that be told (S12). */
export function isLater(a: Base, b: Base): boolean {
  return typeof a.version === 'number' && typeof b.version === 'number' && a.version > b.version;
}

/** Whether nobody can tell which of the two came later: what was told while a request was out, or what it was answered with (S12). */
export function isUnordered(told: Base, answered: Base): boolean {
  if (told.entity === null && answered.entity === null) return false;
  const isNumbered = typeof told.version === 'number' && typeof answered.version === 'number';
  return !isNumbered && !isSameState(told, answered);
}
