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
  /** Of the operation that it became; null: not known. */
  operationId: string | null;
  /** The app was told that the operation came to an end, whichever but a discard. */
  ended: boolean;
  /** Given up by the app. */
  discarded: boolean;
}

/** What one client's app did and was told, over all its lives: the truth that the engine is judged by. */
export interface WriteOracle {
  readonly client: string;
  readonly writes: readonly WriteEntry[];
  nextMark(isCounted: boolean): string;
  record(write: Pick<WriteEntry, 'mark' | 'collection' | 'id' | 'seen'>): WriteEntry;
  noteEnded(operation: ISyncOperation): void;
  /** `isQueued`: whether an operation waits still, by its id: if not, a later one that is given up may have absorbed it. */
  noteDiscarded(operation: ISyncOperation, isQueued: (id: string) => boolean): void;
  /** Entities that the app edited where they had been refused: writes without marks of their own. */
  readonly edits: ReadonlySet<string>;
  noteEdited(collection: string, id: string): void;
  /** Marks of forms that were opened on states which are not kept any more: they are contested (S13). */
  readonly lateForms: ReadonlySet<string>;
  noteLateForm(mark: string): void;
  /** Every conflict record ever seen, as it was last seen. */
  readonly conflicts: ReadonlyMap<string, ConflictRecord>;
  noteConflict(record: ConflictRecord): void;
}

/** The oracle of a client, by name. `nextIndex`: gives 1, 2, 3 …, also to the other tabs of the device. */
export function createWriteOracle(client: string, nextIndex: () => number): WriteOracle {
  const writes: WriteEntry[] = [];
  const edits = new Set<string>();
  const lateForms = new Set<string>();
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
        operationId: null,
        ended: false,
        discarded: false,
      };
      writes.push(entry);
      return entry;
    },
    noteEnded({ id }) {
      for (const entry of writes) if (entry.operationId === id) entry.ended = true;
    },
    noteDiscarded(operation, isQueued) {
      const content = JSON.stringify(operation);
      const isAbsorbed = ({ mark, collection, id, operationId, ended }: WriteEntry): boolean =>
        collection === operation.collection &&
        id === operation.entityId &&
        !ended &&
        !(operationId !== null && isQueued(operationId)) &&
        (mark === null || content.includes(`"${mark}"`));
      for (const entry of writes) {
        if (entry.operationId === operation.id || isAbsorbed(entry)) entry.discarded = true;
      }
    },
    edits,
    noteEdited: (collection, id) => void edits.add(`${collection}/${id}`),
    lateForms,
    noteLateForm: (mark) => void lateForms.add(mark),
    conflicts,
    noteConflict(record) {
      conflicts.set(record.id, record);
    },
  };
}
