import type { Base, Version } from '../core/entity.ts';
import type { EntitySlot } from '../store/replica.ts';

/** The last server states of entities that were seen in this session, so that a write can be based on an earlier one (S13). */
export interface KeptBases {
  keep(slot: EntitySlot, base: Base): void;
  find(slot: EntitySlot, version: Version): Base | undefined;
}

const keptPerEntity = 8;
const keptEntities = 10_000;

export function createKeptBases(): KeptBases {
  const basesBySlot = new Map<EntitySlot, Base[]>();
  return {
    keep(slot, base) {
      if (base.version === null || base.entity === null) return;
      const bases = basesBySlot.get(slot) ?? [];
      basesBySlot.delete(slot);
      basesBySlot.set(slot, [base, ...bases].slice(0, keptPerEntity));
      if (basesBySlot.size <= keptEntities) return;
      const oldest = basesBySlot.keys().next().value;
      if (oldest) basesBySlot.delete(oldest);
    },
    find: (slot, version) => basesBySlot.get(slot)?.find((base) => base.version === version),
  };
}
