import type { Base } from '../core/entity.ts';
import type { RemoteChange } from '../core/record.ts';
import type { News } from '../feed/news.ts';
import { takeIn, type Intake, type IntakeRules } from '../feed/intake.ts';
import { toBase, toBaseUncopied } from '../outbox/told-base.ts';
import { unknownEntity, type EntityState } from '../store/entity-state.ts';
import type { JournalEntry, ToldState } from '../store/entry.ts';
import type { Replica } from '../store/replica.ts';

/** What a list of changes came to. */
export interface Taken {
  readonly entries: readonly JournalEntry[];
  /** Foreign changes among them. */
  readonly foreign: readonly News[];
  /** Those that say only that there is something, the last of each entity: it has to be fetched. */
  readonly toFetch: readonly RemoteChange[];
}

/** Turns changes of one collection into entries, in order; nothing is applied yet. */
export interface ChangeTaker {
  take(collection: string, changes: readonly RemoteChange[], cursor?: string | null): Taken;
}

export interface ChangeTakerParts {
  readonly replica: Replica;
  isOwnKey(key: string): boolean;
  isCompared(collection: string): boolean;
  acknowledged(key: string): void;
}

export function createChangeTaker({ replica, isOwnKey, isCompared, acknowledged }: ChangeTakerParts): ChangeTaker {
  const about = ({ collection, id }: RemoteChange) => ({
    collection,
    entityId: id,
    versionOptional: isCompared(collection),
  });
  const rules: IntakeRules = {
    isOwnKey,
    read: (change) => toBase(about(change), change.record),
    check: (change, entity) => toBaseUncopied(about(change), { ...change.record, entity }),
  };

  return {
    take(collection, changes, cursor) {
      const settles: JournalEntry[] = [];
      const received = new Map<string, ToldState>();
      const foreign: News[] = [];
      const toFetch = new Map<string, RemoteChange>();
      for (const change of changes) {
        if (change.collection !== collection) continue;
        const { id } = change;
        const state = replica.find(collection, id)?.state ?? unknownEntity;
        const intake = takeIn(after(state, received.get(id)?.base), change, rules);
        switch (intake.type) {
          case 'known':
            break;
          case 'fetch':
            toFetch.set(id, change);
            break;
          case 'acknowledgement':
            acknowledged(intake.key);
            settles.push({
              type: 'entity',
              collection,
              id,
              step: { type: 'settle', key: intake.key, base: intake.base },
            });
            break;
          case 'change':
            received.set(id, toldState(change, intake, state.work === null && !received.has(id)));
            foreign.push({ change, base: intake.base });
            break;
        }
      }
      const moves = received.size > 0 || cursor !== undefined;
      const feed: JournalEntry = {
        type: 'feed',
        collection,
        changes: [...received.values()],
        ...(cursor === undefined ? {} : { cursor }),
      };
      return { entries: moves ? [...settles, feed] : settles, foreign, toFetch: [...toFetch.values()] };
    },
  };
}

/** `isOnStored`: the change was made on the state that is stored, and nothing else is known of the entity. */
function toldState(
  { id, baseVersion: on }: RemoteChange,
  { base, patch }: Intake & { type: 'change' },
  isOnStored: boolean,
): ToldState {
  const { version, updatedAt } = base;
  if (!isOnStored || !patch || on === undefined || version === null || updatedAt === null) return { id, base };
  return { id, base, patched: { id, on, patch, version, updatedAt } };
}

/** The state as it will be when what was told before in the same list is taken in. */
function after(state: EntityState, told: Base | undefined): EntityState {
  if (!told) return state;
  const { base, work } = state;
  return work?.foreign ? { base, work: { ...work, foreign: told } } : { base: told, work };
}
