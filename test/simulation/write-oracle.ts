import type { ConflictRecord } from '../../src/core/conflict.ts';
import type { ISyncOperation } from '../../src/core/operation.ts';
import type { CollectionName } from './world/simulated-entity.ts';

/** One write of the app, as the app knows it. */
export interface WriteEntry {
  /** Grows with every write in a tab of the device. */
  readonly index: number;
  /** Null for a delete. */
  readonly mark: string | null;
  readonly collection: CollectionName;
  readonly id: string;
  /** What the app saw of the entity when it wrote. */
  readonly seen: readonly string[];
  /** `open`: not known, also after a crash. */
  durable: 'open' | 'yes' | 'no';
  /** The service that said that the write is not durable; null: none did. */
  refusedBy: unknown;
  synced: boolean;
  /** Given up by the app. */
  discarded: boolean;
}

/** What one client's app did and was told, over all its lives: the truth that the engine is judged by. */
export interface WriteOracle {
  readonly client: string;
  readonly writes: readonly WriteEntry[];
  nextMark(isCounted: boolean): string;
  record(write: Pick<WriteEntry, 'mark' | 'collection' | 'id' | 'seen'>): WriteEntry;
  noteDiscarded(operation: ISyncOperation): void;
  /** Every conflict record ever seen, as it was last seen. */
  readonly conflicts: ReadonlyMap<string, ConflictRecord>;
  noteConflict(record: ConflictRecord): void;
}

/** The oracle of a client, by name. `nextIndex`: gives 1, 2, 3 …, also to the other tabs of the device. */
export function createWriteOracle(client: string, nextIndex: () => number): WriteOracle {
  const writes: WriteEntry[] = [];
  const conflicts = new Map<string, ConflictRecord>();

  return {
    client,
    writes,
    nextMark: (isCounted) => `${client}-${nextIndex()}${isCounted ? '+' : ''}`,
    record(write) {
      const entry: WriteEntry = {
        ...write,
        index: nextIndex(),
        durable: 'open',
        refusedBy: null,
        synced: false,
        discarded: false,
      };
      writes.push(entry);
      return entry;
    },
    noteDiscarded(operation) {
      const content = JSON.stringify(operation);
      for (const entry of writes) {
        const isOfEntity = entry.collection === operation.collection && entry.id === operation.entityId;
        const isCarried = entry.mark === null ? operation.type === 'delete' : content.includes(`"${entry.mark}"`);
        if (isOfEntity && isCarried) entry.discarded = true;
      }
    },
    conflicts,
    noteConflict(record) {
      conflicts.set(record.id, record);
    },
  };
}
