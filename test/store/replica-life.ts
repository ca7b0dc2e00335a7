import fc from 'fast-check';
import type { Base } from '../../src/core/entity.ts';
import { diffEntity } from '../../src/core/diff.ts';
import type { EntityStep, JournalEntry, ToldPatch, ToldState } from '../../src/store/entry.ts';
import type { EntitySlot, Replica } from '../../src/store/replica.ts';
import { createEntityLife, happening, type Happening } from './entity-life.ts';

/** What may happen to a replica of few entities. */
export type Event =
  | { readonly type: 'entity'; readonly place: number; readonly happening: Happening }
  | { readonly type: 'feed'; readonly place: number; readonly told: readonly Happening[]; readonly cursor: number }
  | { readonly type: 'epoch'; readonly epoch: number };

const place = fc.nat({ max: 3 });

/** Any event, mostly of one entity. */
export const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 20, arbitrary: fc.record({ type: fc.constant('entity' as const), place, happening }) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('feed' as const),
      place,
      told: fc.array(happening, { maxLength: 2 }),
      cursor: fc.nat({ max: 9 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('epoch' as const), epoch: fc.nat({ max: 2 }) }) },
);

const places = [
  ['tasks', '1'],
  ['tasks', '2'],
  ['users', '1'],
  ['users', '2'],
] as const;

export interface ReplicaLife {
  /** The entry that the event means as things stand; null: it means nothing. */
  entryFor(event: Event): JournalEntry | null;
  /** The entry was applied to a replica whose slot had this state. */
  learn(before: ReadonlyMap<EntitySlot, EntitySlot['state']>): void;
  /** Every slot there can be. */
  slots(): EntitySlot[];
}

/** Makes events into entries for a replica that lives. */
export function createReplicaLife(replica: Replica): ReplicaLife {
  const life = createEntityLife('numbers');
  const slotAt = (index: number) => {
    const [collection, id] = places[index] ?? places[0];
    return replica.slot(collection, id);
  };
  const entity = (slot: EntitySlot, step: EntityStep): JournalEntry => ({
    type: 'entity',
    collection: slot.collection,
    id: slot.id,
    step,
  });

  function feed(slot: EntitySlot, told: readonly Happening[], cursor: number): JournalEntry {
    const changes = told.flatMap((happens): ToldState[] => {
      const step = happens.type === 'told' ? life.stepFor(slot, happens) : null;
      return step?.type === 'receive' ? [{ id: slot.id, base: step.base }] : [];
    });
    const [first, ...rest] = changes;
    const patched = first && patchOf(slot, first.base);
    if (first && patched) changes.splice(0, changes.length, { ...first, patched }, ...rest);
    return { type: 'feed', collection: slot.collection, changes, cursor: cursor === 0 ? null : `${cursor}` };
  }

  return {
    entryFor(happens) {
      switch (happens.type) {
        case 'entity': {
          const slot = slotAt(happens.place);
          const step = life.stepFor(slot, happens.happening);
          return step && entity(slot, step);
        }
        case 'feed':
          return feed(slotAt(happens.place), happens.told, happens.cursor);
        case 'epoch':
          return { type: 'epoch', epoch: `${happens.epoch}`, reset: happens.epoch > 0 };
      }
    },
    learn(before) {
      for (const [slot, state] of before) life.learn(slot, state);
    },
    slots: () => places.map(([collection, id]) => replica.slot(collection, id)),
  };
}

/** The state as a change of the one that the slot has; null: it cannot be told so, or says nothing new. */
function patchOf({ id, state }: EntitySlot, { entity, version, updatedAt }: Base): ToldPatch | null {
  const { base, work } = state;
  if (work || !base?.entity || base.forgotten || base.version === null || !entity) return null;
  if (version === null || version <= base.version || updatedAt === null) return null;
  return { id, on: base.version, patch: diffEntity(base.entity, entity), version, updatedAt };
}

/** What a replica holds, as data. */
export function contentOf(replica: Replica): unknown {
  return {
    entities: places.map(([collection, id]) => replica.find(collection, id)?.state ?? { base: null, work: null }),
    working: [...replica.working].map(({ collection, id }) => `${collection}/${id}`).toSorted(),
    epoch: replica.feed.epoch,
    cursors: [...replica.feed.cursors].toSorted(([a], [b]) => (a < b ? -1 : 1)),
    resolved: [...replica.resolved.values()],
  };
}
