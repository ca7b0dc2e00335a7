import { placeDraft } from '../../src/outbox/place-draft.ts';
import { unknownEntity, type EntityState } from '../../src/store/entity-state.ts';
import { transition } from '../../src/store/entity-transition.ts';
import type { Draft, EntityStep, JournalEntry } from '../../src/store/entry.ts';
import { orderLogs, type LoggedDraft, type Reign, type Segment } from '../../src/store/reigns.ts';
import { collection, entityId, policies } from './marked-entity.ts';

/** The storage that the tabs of one device share. */
export interface SharedStorage {
  /** Segments per writer; the first has number 1. */
  readonly journals: Readonly<Record<string, readonly (readonly JournalEntry[])[]>>;
  readonly claims: readonly Claim[];
}

export interface Claim {
  readonly epoch: number;
  readonly writer: string;
}

/** What somebody who reads everything finds. */
export interface Found {
  readonly state: EntityState;
  /** In no log yet. */
  readonly drafts: readonly LoggedDraft[];
  readonly imported: Readonly<Record<string, number>>;
  /** The last that counts. */
  readonly reign: Reign | null;
}

export const emptyStorage: SharedStorage = { journals: {}, claims: [] };

export function append(storage: SharedStorage, writer: string, entries: readonly JournalEntry[]): SharedStorage {
  return {
    ...storage,
    journals: { ...storage.journals, [writer]: [...(storage.journals[writer] ?? []), entries] },
  };
}

/** The last segment of each writer. */
export function positionsOf({ journals }: SharedStorage): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(journals).map(([writer, segments]) => [writer, segments.length]));
}

/** Whether nobody has a later claim. */
export function holdsThrone({ claims }: SharedStorage, epoch: number): boolean {
  return claims.every((claim) => claim.epoch <= epoch);
}

/** Reads everything and puts it in order. */
export function readAll({ journals }: SharedStorage): Found {
  const segments = Object.entries(journals).flatMap(([writer, written]) =>
    written.map((entries, at): Segment => ({ writer, number: at + 1, entries })),
  );
  const { log, drafts, reign } = orderLogs(segments, null);
  const imported: Record<string, number> = {};
  let state = unknownEntity;
  for (const { entry } of log) {
    if (entry.type === 'entity') state = transition(state, entry.step, policies).state;
    if (entry.type === 'imported') imported[entry.writer] = Math.max(entry.number, imported[entry.writer] ?? 0);
  }
  return { state, imported, reign, drafts: drafts.filter(({ writer, number }) => number > (imported[writer] ?? 0)) };
}

/** The step that a draft is over a state. */
export function placed(state: EntityState, draft: Draft): EntityStep & { readonly type: 'write' } {
  return placeDraft(state, draft, () => [], policies);
}

/** What is shown with drafts over the log. */
export function withDrafts(state: EntityState, drafts: readonly Draft[]): EntityState {
  return drafts.reduce((before, draft) => transition(before, placed(before, draft), policies).state, state);
}

/** What would be left for the next leader, if all tabs were gone now. */
export function stateLeft(storage: SharedStorage): EntityState {
  const { state, drafts } = readAll(storage);
  return withDrafts(
    state,
    drafts.map(({ entry }) => entry),
  );
}

export function entityEntry(step: EntityStep, from?: string): JournalEntry {
  return { type: 'entity', collection, id: entityId, step, ...(from === undefined ? {} : { from }) };
}
