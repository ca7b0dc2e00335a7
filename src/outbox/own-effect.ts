import type { ISyncEntity } from '../core/entity.ts';
import { mergeEntity } from '../core/merge.ts';

/**
 * Whether a state of the backend has everything that a request changed from `before` to `result`, whatever else it says: what
 * the backend fills in, and what others changed since (S5). A counter has to stand where the request left it.
 */
export function showsEffect(before: ISyncEntity | null, result: ISyncEntity | null, told: ISyncEntity | null): boolean {
  if (result === null || told === null) return result === told;
  const { entity, conflicts } = mergeEntity(before, result, told);
  return entity === told && conflicts.length === 0;
}
