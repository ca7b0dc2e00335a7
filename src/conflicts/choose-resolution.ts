import type { Conflict, ConflictStrategy, Resolution } from '../core/conflict.ts';
import { copyJson } from '../core/copy-json.ts';
import { assertSameId, readEntity } from '../core/entity-input.ts';
import { builtInResolvers, type ResolutionContext } from '../core/resolve.ts';
import type { ISyncEntity } from '../core/entity.ts';

export interface ResolutionRules extends ResolutionContext {
  readonly strategy: ConflictStrategy;
  /** Throws what the app's schema has against the entity. */
  validate(entity: ISyncEntity): void;
}

/**
 * What the strategy makes of a conflict. A resolver that throws, or gives something that is no resolution or does not fit the
 * schema, means `'manual'` (S16). One that never settles never settles here: the caller sets the limit.
 */
export async function chooseResolution(conflict: Conflict, rules: ResolutionRules): Promise<Resolution> {
  const { strategy, validate } = rules;
  if (typeof strategy !== 'function') return builtInResolvers[strategy](conflict, rules);
  try {
    const resolution = readResolution(conflict, await strategy(copyJson(conflict)));
    if (resolution !== 'manual' && resolution.entity) validate(resolution.entity);
    return resolution;
  } catch {
    return 'manual';
  }
}

/** A resolution handed in from outside, checked and copied. Throws `invalid-entity` or `invalid-id`. */
function readResolution(conflict: Conflict, resolution: Resolution): Resolution {
  if (resolution === 'manual' || resolution.entity === null) return resolution;
  return { entity: readChoice(conflict, resolution.entity) };
}

/**
 * An entity that is to replace both sides of a conflict, checked and copied. Throws `invalid-entity`, and `invalid-id` where
 * it is another entity.
 */
export function readChoice(conflict: Pick<Conflict, 'collection' | 'entityId'>, entity: unknown): ISyncEntity {
  const { collection, entityId } = conflict;
  const { version: _, ...content } = readEntity(collection, entity);
  assertSameId(collection, entityId, content.id);
  return { ...content, updatedAt: '' };
}
