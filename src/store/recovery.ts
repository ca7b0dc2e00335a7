import type { ConflictRecord } from '../core/conflict.ts';
import type { Json } from '../core/json.ts';
import { pendingOf, viewOf } from './entity-state.ts';
import { operationIds, writtenBy, type Draft, type JournalEntry, type StoredOperation } from './entry.ts';
import type { Exposure } from './exposure.ts';
import type { Pages } from './pages.ts';
import { compareOperations } from './operation-order.ts';
import { orderLogs, type Logged, type LoggedDraft, type Reign, type Segment } from './reigns.ts';
import type { EntitySlot, Replica } from './replica.ts';
import { sealedAlone } from './sealed-alone.ts';

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

  const isNews = (slot: EntitySlot, writer: string, number: number) =>
    unpaged.has(slot) || !contains(positionByPage.get(slot.page), writer, number);

  function noteChange(slot: EntitySlot): void {
    if (slot.page < 0) unpaged.add(slot);
    pages.assign(slot);
    pages.mark(slot);
  }

  /** Drafts that a patch is made on although no log has them any more. */
  function findGround(
    { entry }: Logged,
    drafts: readonly LoggedDraft[],
    logged: ReadonlySet<string>,
  ): readonly Logged[] {
    const written = writtenBy(entry);
    if (entry.type !== 'entity' || !written?.patch) return [];
    const { collection, id } = entry;
    if (viewOf(replica.slot(collection, id).state)) return [];
    return drafts.flatMap(({ writer, number, entry: draft }) => {
      const { operation } = draft;
      const isOf = draft.collection === collection && draft.id === id && !logged.has(operation.id);
      if (!isOf || compareOperations(operation, written) >= 0) return [];
      const step = { type: 'write' as const, operation };
      return [{ writer, number, entry: { type: 'entity' as const, collection, id, step, from: writer } }];
    });
  }

  /** A request that changes a state which was lost cannot be sent as it was: what it carries waits for the backend's state. */
  function unsealBaseless(slot: EntitySlot): void {
    const { base, work } = slot.state;
    if (base !== null || work?.request?.type !== 'update') return;
    replica.put(slot, { base, work: { ...work, request: null } });
    noteChange(slot);
  }

  /** Of a seal whose writes nothing has any more. Whether it was one. */
  function restore(
    { writer, number, entry }: Logged,
    logged: ReadonlySet<string>,
    drafted: ReadonlyMap<string, StoredOperation>,
  ): boolean {
    if (entry.type !== 'entity' || entry.step.type !== 'seal') return false;
    const { request } = entry.step;
    const slot = replica.slot(entry.collection, entry.id);
    const pending = new Set(operationIds(pendingOf(slot.state)));
    if (!isNews(slot, writer, number) || request.operationIds.every((id) => logged.has(id) || pending.has(id)))
      return false;
    const mark = drafted.get(request.operationIds.at(-1) ?? '') ?? { clientId: writer, sequence: 0 };
    const state = sealedAlone(slot.state, request, mark);
    if (!state) return false;
    replica.put(slot, state);
    noteChange(slot);
    noteStamp(request.timestamp);
    return true;
  }

  function apply({ writer, number, entry }: Logged): void {
    const feed = replica.feed;
    const accept = (slot: EntitySlot) => isNews(slot, writer, number);
    for (const { slot, step } of replica.apply(entry, accept)) {
      noteChange(slot);
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
      const drafted = new Map(ordered.drafts.map(({ entry }) => [entry.operation.id, entry.operation]));
      const take = (each: Logged) => {
        if (!restore(each, logged, drafted)) apply(each);
        for (const id of idsIn(each.entry)) logged.add(id);
      };
      for (const each of ordered.log) {
        const { entry } = each;
        for (const lost of findGround(each, ordered.drafts, logged)) take(lost);
        take(each);
        if (entry.type === 'imported')
          imported.set(entry.writer, Math.max(entry.number, imported.get(entry.writer) ?? 0));
      }
      for (const slot of [...replica.working]) unsealBaseless(slot);
      const drafts = ordered.drafts.flatMap(({ writer, number, entry }) => {
        noteStamp(entry.operation.timestamp);
        const isTaken = contains(metaPosition, writer, number) || logged.has(entry.operation.id);
        return isTaken ? [] : [{ writer, number, draft: entry }];
      });
      return { stamp, reign: ordered.reign, imported, logged, drafts };
    },
  };
}

/** Operations that an entry of a log shows to be in the log, whatever became of the record of their write. */
function idsIn(entry: JournalEntry): readonly string[] {
  const written = writtenBy(entry);
  if (written) return operationIds([written]);
  if (entry.type !== 'entity') return [];
  if (entry.step.type === 'seal') return entry.step.request.operationIds;
  if (entry.step.type === 'annihilate') return entry.step.operationIds;
  return entry.step.type === 'discard' ? [entry.step.operationId] : [];
}
