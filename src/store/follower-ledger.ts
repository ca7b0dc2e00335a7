import type { AppendToJournal, Ledger, LedgerListener } from './ledger.ts';
import { createBatching, type Batch } from './batch.ts';
import type { Drafts } from './drafts.ts';
import { writtenBy, type JournalEntry } from './entry.ts';
import type { Replica } from './replica.ts';

/** The ledger of a tab that does not lead: it commits drafts alone, and takes over the leader's log. */
export interface FollowerLedger extends Ledger {
  /** Entries that the leader has stored. */
  take(entries: readonly JournalEntry[]): void;
  /** The leader's log was read anew: it has these operations, and what this tab has stored up to the segment. */
  confirm(operationIds: ReadonlySet<string>, segment: number): void;
  /** Every draft is stored. */
  readonly isSettled: boolean;
  /** The segment that a draft is stored in, or will be; undefined: the log has it. */
  segmentOf(operationId: string): number | undefined;
}

/** Everything else than drafts is the leader's to commit: it is left out, and its promise stays open. */
export function createFollowerLedger(
  replica: Replica,
  drafts: Drafts,
  append: AppendToJournal,
  listener: LedgerListener,
): FollowerLedger {
  const idsByGroup = new Map<number, string[]>();
  const undurable = new Set<string>();
  /** The leader had them in its log before this tab knew that they were stored. */
  const takenUp = new Set<string>();
  const segmentById = new Map<string, number>();
  const batching = createBatching(() => replica.feed, closeBatch);

  function note(group: number, entries: readonly JournalEntry[]): void {
    const ids = idsByGroup.get(group) ?? [];
    idsByGroup.set(group, ids);
    for (const entry of entries) {
      if (entry.type !== 'draft') continue;
      ids.push(entry.operation.id);
      undurable.add(entry.operation.id);
      segmentById.set(entry.operation.id, group);
    }
  }

  /** What the leader has in its log is stored there, also when this tab's own segment is given up. */
  function orTakenUp(entries: readonly JournalEntry[], stored: Promise<void>): Promise<void> {
    const ids = [...idsOf(entries)];
    const durable = stored
      .catch((error: unknown) => {
        if (!ids.every((id) => takenUp.has(id))) throw error;
      })
      .finally(() => ids.forEach((id) => takenUp.delete(id)));
    durable.catch(() => undefined);
    return durable;
  }

  function closeBatch({ entries, changes, recorded, takenBack }: Batch, isWhole: boolean): void {
    if (!isWhole) {
      drafts.drop(idsOf(entries));
      takenBack();
    } else if (entries.length > 0) {
      const { group, durable } = append(entries);
      note(group, entries);
      recorded(orTakenUp(entries, durable));
      listener.changed(changes, 'local');
    }
  }

  function tookUp(operationId: string): void {
    segmentById.delete(operationId);
    if (undurable.delete(operationId)) takenUp.add(operationId);
  }

  function forget(): string[] {
    const ids = [...undurable];
    for (const id of ids) segmentById.delete(id);
    undurable.clear();
    idsByGroup.clear();
    return ids;
  }

  return {
    get isSettled() {
      return undurable.size === 0;
    },
    commit(entries, origin) {
      const own = entries.filter((entry) => entry.type === 'draft');
      if (own.length === 0) return new Promise(() => undefined);
      const batch = batching.open;
      if (batch) {
        batch.entries.push(...own);
        batch.changes.push(...own.map((draft) => drafts.add(draft)));
        return batch.durable;
      }
      const { group, durable } = append(own);
      note(group, own);
      listener.changed(
        own.map((draft) => drafts.add(draft)),
        origin,
      );
      return orTakenUp(own, durable);
    },
    together: batching.together,
    segmentOf: (operationId) => segmentById.get(operationId),
    take(entries) {
      for (const entry of entries) {
        const written = writtenBy(entry);
        if (written) tookUp(written.id);
        const changes = drafts.take(entry);
        if (changes.length > 0) listener.changed(changes, originOf(entry));
      }
      const shown = drafts.catchUp();
      if (shown.length > 0) listener.changed(shown, 'own');
    },
    confirm(operationIds, segment) {
      for (const [id, stored] of segmentById) if (stored <= segment || operationIds.has(id)) tookUp(id);
    },
    isDurable: (operationId) => !undurable.has(operationId),
    durableState: (slot) => slot.state,
    durableFeed: () => replica.feed,
    stored(group) {
      for (const id of idsByGroup.get(group) ?? []) undurable.delete(id);
      idsByGroup.delete(group);
      listener.stored([], []);
    },
    abandon: () => new Map(),
    rolledBack() {
      const ids = forget();
      listener.changed(drafts.drop(new Set(ids)), 'rollback');
      listener.dropped(ids);
      return new Map();
    },
  };
}

function idsOf(entries: readonly JournalEntry[]): Set<string> {
  return new Set(entries.flatMap((entry) => (entry.type === 'draft' ? [entry.operation.id] : [])));
}

function originOf(entry: JournalEntry): 'own' | 'remote' {
  return entry.type === 'entity' && entry.step.type !== 'receive' ? 'own' : 'remote';
}
