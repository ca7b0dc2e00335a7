import { applyPatch } from '../core/apply-patch.ts';
import type { Base } from '../core/entity.ts';
import { withUpdatedAt } from '../core/metadata.ts';
import { newestKnown, type EntityState } from './entity-state.ts';
import type { ToldPatch } from './entry.ts';

/** What the change makes of an entity; null: the state that it was made on is not here. Never throws. */
export function toldBy({ on, patch, version, updatedAt }: ToldPatch, state: EntityState): Base | null {
  const known = newestKnown(state);
  if (!known?.entity || known.cut || known.version !== on) return null;
  try {
    const entity = withUpdatedAt(applyPatch(known.entity, patch), updatedAt);
    entity.version = version;
    return { entity, version, updatedAt };
  } catch {
    return null;
  }
}
