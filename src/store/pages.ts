import type { Base, ISyncEntity } from '../core/entity.ts';
import type { Json, JsonObject } from '../core/json.ts';
import { viewOf, type EntityState, type EntityWork } from './entity-state.ts';
import { foldOver } from './apply-operation.ts';
import type { EntitySlot, Replica } from './replica.ts';

/** Which entities are stored together. A page is rewritten whole, so it is bounded in rows and, roughly, in bytes. */
export interface Pages {
  /** Gives the slot a page, when it has none. */
  assign(slot: EntitySlot): void;
  /** The durable state of the slot changed: its page is to be rewritten. */
  mark(slot: EntitySlot): void;
  /** Every page is to be written again: what was stored has vanished. */
  markAll(): void;
  dirty(): Iterable<number>;
  cleaned(page: number): void;
  /** Null: nothing is left on it. */
  content(page: number, stateOf: (slot: EntitySlot) => EntityState): Json | null;
  /** Takes the slots of another replica for the same entities. Those that are on none of these pages have a page no longer. */
  rebind(replica: Replica): void;
  /** Loads a page at recovery and gives the slots it filled. */
  load(page: number, content: Json, replica: Replica): readonly EntitySlot[];
}

const maxRows = 1_000;
const maxBytes = 262_144;

interface OpenPage {
  readonly page: number;
  rows: number;
  /** Null: to be counted. */
  bytes: number | null;
}

/** A clean entity is stored as itself; anything else as `[id, base, work]`. */
type Row = ISyncEntity | readonly [string, Base | null, StoredWork | null];
type StoredWork = Omit<EntityWork, 'view'>;

export function createPages(): Pages {
  const slotsByPage = new Map<number, EntitySlot[]>();
  const openPages = new Map<string, OpenPage>();
  const dirtyPages = new Set<number>();
  const changed = new WeakSet<EntitySlot>();
  let nextPage = 0;

  const countBytes = (page: number) =>
    (slotsByPage.get(page) ?? []).reduce((bytes, { state }) => bytes + roughBytes(viewOf(state) as Json), 0);
  const bytesOf = (open: OpenPage) => (open.bytes ??= countBytes(open.page));

  function openPage(collection: string): OpenPage {
    const open = openPages.get(collection);
    if (open && open.rows < maxRows && bytesOf(open) < maxBytes) return open;
    const fresh = { page: nextPage++, rows: 0, bytes: 0 };
    openPages.set(collection, fresh);
    slotsByPage.set(fresh.page, []);
    return fresh;
  }

  return {
    assign(slot) {
      if (slot.page >= 0) return;
      const open = openPage(slot.collection);
      slot.page = open.page;
      open.rows += 1;
      open.bytes = bytesOf(open) + roughBytes(viewOf(slot.state) as Json);
      slotsByPage.get(open.page)?.push(slot);
    },
    mark(slot) {
      dirtyPages.add(slot.page);
      changed.add(slot);
    },
    markAll() {
      for (const page of slotsByPage.keys()) dirtyPages.add(page);
    },
    dirty: () => dirtyPages,
    cleaned: (page) => void dirtyPages.delete(page),
    content(page, stateOf) {
      const slots = slotsByPage.get(page) ?? [];
      const rows: Row[] = [];
      for (const slot of slots) {
        const state = stateOf(slot);
        // Left out, an entity that came and went would take in those of its steps that are still in segments.
        if (state.base || state.work || changed.has(slot)) rows.push(toRow(slot.id, state));
      }
      const collection = slots[0]?.collection;
      const open = collection === undefined ? undefined : openPages.get(collection);
      if (open?.page === page) open.bytes = null;
      return rows.length === 0 || collection === undefined ? null : ({ collection, rows } as unknown as Json);
    },
    rebind(replica) {
      for (const collection of replica.collections()) for (const slot of replica.slots(collection)) slot.page = -1;
      for (const [page, slots] of slotsByPage) {
        const others = slots.map((slot) => {
          const other = replica.slot(slot.collection, slot.id);
          other.page = page;
          if (changed.has(slot)) changed.add(other);
          return other;
        });
        slotsByPage.set(page, others);
      }
    },
    load(page, content, replica) {
      const { collection, rows } = content as unknown as { collection: string; rows: readonly Row[] };
      nextPage = Math.max(nextPage, page + 1);
      const slots: EntitySlot[] = [];
      slotsByPage.set(page, slots);
      for (const row of rows as readonly Row[]) {
        const [id, state] = fromRow(row);
        const slot = replica.slot(collection, id);
        slot.page = page;
        replica.put(slot, state);
        slots.push(slot);
      }
      const mostOpen = openPages.get(collection)?.rows ?? maxRows / 2;
      if (rows.length < mostOpen) openPages.set(collection, { page, rows: rows.length, bytes: null });
      return slots;
    },
  };
}

function toRow(id: string, { base, work }: EntityState): Row {
  const entity = base?.entity;
  if (
    !work &&
    base &&
    entity &&
    base.version === (entity.version ?? null) &&
    base.updatedAt === entity.updatedAt &&
    !base.forgotten &&
    !base.cut
  ) {
    return entity;
  }
  if (!work) return [id, base, null];
  const { view: _, ...stored } = work;
  return [id, base, stored];
}

function fromRow(row: Row): [string, EntityState] {
  if (!isTuple(row)) {
    return [row.id, { base: { entity: row, version: row.version ?? null, updatedAt: row.updatedAt }, work: null }];
  }
  const [id, base, stored] = row;
  if (!stored) return [id, { base, work: null }];
  return [id, { base, work: { ...stored, view: foldOver(base, stored.pending) } }];
}

function isTuple(row: Row): row is readonly [string, Base | null, StoredWork | null] {
  return Array.isArray(row);
}

function roughBytes(value: Json): number {
  if (typeof value === 'string') return value.length + 2;
  if (value === null || typeof value !== 'object') return 8;
  let bytes = 2;
  if (Array.isArray(value)) {
    for (const element of value as readonly Json[]) bytes += roughBytes(element);
    return bytes;
  }
  const members = value as JsonObject;
  for (const key in members) bytes += key.length + 4 + roughBytes(members[key]!);
  return bytes;
}
