import type { ConflictRecord } from '../core/conflict.ts';
import type { Json } from '../core/json.ts';
import { writtenBy, type Draft, type JournalEntry } from './entry.ts';
import type { Exposure } from './exposure.ts';
import type { Pages } from './pages.ts';
import { orderLogs, type Reign, type Segment } from './reigns.ts';
import type { EntitySlot, Replica } from './replica.ts';

type Position = Readonly<Record<string, number>>;

/** What is stored beside the pages. */
export interface StoredMeta {
  readonly epoch: string | null;
  readonly cursors: readonly (readonly [string, string | null])[];
  readonly resolved: readonly ConflictRecord[];
  /** Newest stamp of the hybrid clock. */
  readonly stamp: string | null;
  /** The reign that it was stored in; absent where tabs never shared the storage. */
  readonly reign?: Reign;
}

/** What was recovered beside the replica. */
export interface RecoveredData {
  /** Newest stamp found; null: nothing was stored. */
  readonly stamp: string | null;
  readonly reign: Reign | null;
  /** Per writer, the last segment whose drafts are in the log. */
  readonly imported: ReadonlyMap<string, number>;
  /** Ids of operations that logs have which no page covers. */
  readonly logged: ReadonlySet<string>;
  /** Drafts that are in no log yet, in the order of their operations. */
  readonly drafts: readonly { readonly writer: string; readonly number: number; readonly draft: Draft }[];
}

/** Rebuilds the replica from what the journal gives back: pages first, then the segments after them. */
export interface Recovery {
  page(page: number, content: Json, position: Position): void;
  meta(content: Json, position: Position): void;
  segment(writer: string, number: number, entries: readonly JournalEntry[]): void;
  /** What was stored holds what must not be stored any more. */
  isExposed(): boolean;
  /** Everything was given: the segments take effect, each log in its reign. */
  finish(): RecoveredData;
}

export function createRecovery(replica: Replica, pages: Pages, exposure: Exposure | null = null): Recovery {
  const positionByPage = new Map<number, Position>();
  /** Slots that no page had: what their pages contain says nothing of them. */
  const unpaged = new Set<EntitySlot>();
  const segments: Segment[] = [];
  let metaPosition: Position = {};
  let stamp: string | null = null;
  let reign: Reign | null = null;
  let isExposed = false;

  const noteStamp = (seen: string | null) => {
    if (seen !== null && (stamp === null || seen > stamp)) stamp = seen;
  };

  const contains = (position: Position | undefined, writer: string, number: number) =>
    position !== undefined && Object.hasOwn(position, writer) && position[writer]! >= number;

  function apply(entry: JournalEntry, writer: string, number: number): void {
    const feed = replica.feed;
    const accept = (slot: EntitySlot) => unpaged.has(slot) || !contains(positionByPage.get(slot.page), writer, number);
    for (const { slot, step } of replica.apply(entry, accept)) {
      if (slot.page < 0) unpaged.add(slot);
      pages.assign(slot);
      pages.mark(slot);
      if (step.type === 'write') noteStamp(step.operation.timestamp);
      if (step.type === 'resolve' && step.operation) noteStamp(step.operation.timestamp);
    }
    if (contains(metaPosition, writer, number)) replica.restoreFeed(feed);
    else if (entry.type === 'entity' && entry.step.type === 'resolve') replica.restoreResolved([entry.step.record]);
  }

  return {
    page(page, content, position) {
      positionByPage.set(page, position);
      for (const slot of pages.load(page, content, replica)) {
        if (!exposure?.state(slot.collection, slot.state)) continue;
        pages.mark(slot);
        isExposed = true;
      }
    },
    meta(content, position) {
      const meta = content as unknown as StoredMeta;
      metaPosition = position;
      reign = meta.reign ?? null;
      replica.restoreFeed({ epoch: meta.epoch, cursors: new Map(meta.cursors) });
      replica.restoreResolved(meta.resolved);
      isExposed ||= meta.resolved.some((record) => exposure?.record(record));
      noteStamp(meta.stamp);
    },
    segment(writer, number, entries) {
      segments.push({ writer, number, entries });
      isExposed ||= entries.some((entry) => exposure?.entry(entry));
    },
    isExposed: () => isExposed,
    finish() {
      const ordered = orderLogs(segments, reign);
      const imported = new Map(Object.entries(metaPosition));
      const logged = new Set<string>();
      for (const { writer, number, entry } of ordered.log) {
        apply(entry, writer, number);
        const written = writtenBy(entry);
        if (written) logged.add(written.id);
        if (entry.type === 'imported')
          imported.set(entry.writer, Math.max(entry.number, imported.get(entry.writer) ?? 0));
      }
      const drafts = ordered.drafts.flatMap(({ writer, number, entry }) => {
        noteStamp(entry.operation.timestamp);
        const isTaken = number <= (imported.get(writer) ?? 0) || logged.has(entry.operation.id);
        return isTaken ? [] : [{ writer, number, draft: entry }];
      });
      return { stamp, reign: ordered.reign, imported, logged, drafts };
    },
  };
}
