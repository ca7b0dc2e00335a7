import type { ConflictRecord, ConflictStrategy, FieldPolicies } from '../core/conflict.ts';
import { freezeJson } from '../core/freeze-json.ts';
import { mergeEntity } from '../core/merge.ts';
import { newestStamp, type EntityState } from '../store/entity-state.ts';
import type { EntitySlot } from '../store/replica.ts';

/** The open conflict of an entity as its two sides stand now; null: there is none. */
export function conflictOf(
  slot: EntitySlot,
  strategy: ConflictStrategy,
  policies?: FieldPolicies,
): ConflictRecord | null {
  const { base, work } = slot.state;
  if (!work?.conflict || !work.foreign) return null;
  return freezeJson({
    id: work.conflict.id,
    collection: slot.collection,
    entityId: slot.id,
    base: base?.entity ?? null,
    local: work.view,
    remote: work.foreign.entity,
    paths: contestedPaths(slot.state, policies),
    localTimestamp: newestStamp(work.pending),
    remoteTimestamp: work.foreign.updatedAt,
    strategy: nameOf(strategy),
    status: 'open',
    detectedAt: work.conflict.at,
  });
}

/** The name under which a record shows its strategy. */
function nameOf(strategy: ConflictStrategy): ConflictRecord['strategy'] {
  return typeof strategy === 'function' ? 'custom' : strategy;
}

function contestedPaths({ base, work }: EntityState, policies: FieldPolicies | undefined): string[] {
  const local = work?.view ?? null;
  const remote = work?.foreign?.entity ?? null;
  if (!local && !remote) return [];
  if (!local || !remote) return [''];
  return mergeEntity(base?.entity ?? null, local, remote, { policies }).conflicts.map(({ path }) => path);
}
