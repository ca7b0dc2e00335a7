import type { Base, Version } from '../core/entity.ts';
import type { EntityChange, EntitySlot } from '../store/replica.ts';
import { isSameState } from '../store/versions.ts';

/** A server state that was followed by another. */
export interface KeptBase {
  readonly base: Base;
  /** Where what came next was only what the backend made of our own change: when that was made. */
  readonly ours: string | null;
  /** Nobody saw what came between it and the next. */
  readonly isUnseen: boolean;
}

/** What there is for a tab that was told of nothing. */
export const nothing: Base = { entity: null, version: null, updatedAt: null };

/** The last server states of entities that were seen in this session, so that a write can be based on an earlier one (S13). */
export interface KeptBases {
  /** Keeps the server state that the change left behind. */
  followed(change: EntityChange): void;
  /**
   * The state of that version and those that followed it, up to the one before the newest; empty: it is not kept. Null: from
   * nothing on, which is kept where our own creation followed.
   */
  since(slot: EntitySlot, version: Version | null): readonly KeptBase[];
}

const keptPerEntity = 8;
const keptEntities = 10_000;

export function createKeptBases(): KeptBases {
  const keptBySlot = new Map<EntitySlot, KeptBase[]>();
  return {
    followed({ slot, before, after, step, isUnseen }) {
      const { base, work } = before;
      const isOurs = step.type === 'settle' && after.base === step.base;
      if (base ? after.base && isSameState(base, after.base) : !isOurs) return;
      const kept = keptBySlot.get(slot) ?? [];
      keptBySlot.delete(slot);
      if (base?.forgotten) return;
      kept.push({
        base: base ?? nothing,
        ours: isOurs ? (work?.request?.timestamp ?? null) : null,
        isUnseen: isUnseen === true,
      });
      if (kept.length > keptPerEntity) kept.shift();
      keptBySlot.set(slot, kept);
      if (keptBySlot.size <= keptEntities) return;
      const oldest = keptBySlot.keys().next().value;
      if (oldest) keptBySlot.delete(oldest);
    },
    since(slot, version) {
      const kept = keptBySlot.get(slot) ?? [];
      const index = kept.findLastIndex(({ base }) => (version === null ? base === nothing : base.version === version));
      return index < 0 ? [] : kept.slice(index);
    },
  };
}
