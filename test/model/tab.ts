import { composeDraft } from '../../src/outbox/compose-draft.ts';
import { composeWrite } from '../../src/outbox/compose-operation.ts';
import { unknownEntity, viewOf, type EntityState } from '../../src/store/entity-state.ts';
import { transition } from '../../src/store/entity-transition.ts';
import type { Draft, EntityStep, JournalEntry } from '../../src/store/entry.ts';
import { overAfter } from '../../src/store/reigns.ts';
import { markOf } from './client.ts';
import { exchangeAfterStart, idleExchange, type Exchange } from './exchange.ts';
import { collection, entityId, marked, policies } from './marked-entity.ts';
import { entityEntry, placed, positionsOf, readAll, withDrafts, type SharedStorage } from './shared-log.ts';

/** One tab. `claiming`: it has claimed the lead and not read yet what is stored. */
export interface TabState {
  readonly writer: string;
  readonly role: 'follower' | 'claiming' | 'leader';
  readonly epoch: number;
  readonly memory: EntityState;
  /** Own drafts that are not in the log as far as it was read. */
  readonly drafts: readonly Draft[];
  /** Committed and not stored. */
  readonly unstored: readonly JournalEntry[];
  /** Stored, and not yet sure that nobody had taken over before. */
  readonly unsure: readonly JournalEntry[];
  /** Keys of requests whose seal is certain to be in the log. */
  readonly sendable: readonly string[];
  readonly imported: Readonly<Record<string, number>>;
  readonly exchange: Exchange;
  readonly sequence: number;
  readonly keys: number;
}

export function newTab(writer: string, storage: SharedStorage): TabState {
  return follow(
    {
      writer,
      role: 'follower',
      epoch: 0,
      memory: unknownEntity,
      drafts: [],
      unstored: [],
      unsure: [],
      sendable: [],
      imported: {},
      exchange: idleExchange,
      sequence: 0,
      keys: 0,
    },
    storage,
  );
}

/** Shows what is stored now, with its own drafts over it. */
export function follow(tab: TabState, storage: SharedStorage): TabState {
  const { state, imported, drafts } = readAll(storage);
  const own = drafts.flatMap(({ writer, entry }) => (writer === tab.writer ? [entry] : []));
  return {
    ...tab,
    role: 'follower',
    memory: withDrafts(state, own),
    drafts: own,
    unstored: [],
    unsure: [],
    sendable: [],
    imported,
    exchange: idleExchange,
  };
}

/** The draft that a write of the app is in a tab that does not lead. */
export function draftOf(tab: TabState): Draft | null {
  const sequence = tab.sequence + 1;
  const id = `${tab.writer}${sequence}`;
  const entity = marked(viewOf(tab.memory), id);
  return composeDraft(
    tab.memory,
    { collection, entityId, entity },
    () => [],
    () => markOf(tab.writer, sequence, id),
  );
}

/** Makes a step of the leader a fact in memory; it is stored later, in order. */
export function commit(tab: TabState, step: EntityStep, from?: string): TabState {
  const { state } = transition(tab.memory, step, policies);
  return { ...tab, memory: state, unstored: [...tab.unstored, entityEntry(step, from)] };
}

/** The app writes in the tab that leads. */
export function writeAsLeader(tab: TabState): TabState | null {
  const sequence = tab.sequence + 1;
  const id = `${tab.writer}${sequence}`;
  const entity = marked(viewOf(tab.memory), id);
  const step = composeWrite(
    tab.memory,
    { collection, entityId, entity },
    () => [],
    () => markOf(tab.writer, sequence, id),
    policies,
  );
  return step && commit({ ...tab, sequence }, step);
}

/** Reads everything and begins its log on top of it, with the drafts that are in no log. */
export function takeOver(tab: TabState, storage: SharedStorage): TabState {
  const { state, drafts, imported, reign } = readAll(storage);
  const read = positionsOf(storage);
  const request = state.work?.request;
  let leader: TabState = {
    ...tab,
    role: 'leader',
    memory: state,
    drafts: [],
    unstored: [{ type: 'reign', epoch: tab.epoch, over: overAfter(reign, read) }],
    imported,
    sendable: request ? [request.idempotencyKey] : [],
    exchange: exchangeAfterStart(state),
  };
  for (const { writer, entry } of drafts) leader = commit(leader, placed(leader.memory, entry), writer);
  return Object.entries(read).reduce((noted, [writer, number]) => noteImport(noted, writer, number), leader);
}

/** Takes the drafts of the others into its log; null: there are no new ones. */
export function importDrafts(tab: TabState, storage: SharedStorage): TabState | null {
  let leader = tab;
  for (const [writer, segments] of Object.entries(storage.journals)) {
    const from = leader.imported[writer] ?? 0;
    if (writer === tab.writer || from >= segments.length) continue;
    for (const entry of segments.slice(from).flat())
      if (entry.type === 'draft') leader = commit(leader, placed(leader.memory, entry), writer);
    leader = noteImport(leader, writer, segments.length);
  }
  return leader === tab ? null : leader;
}

function noteImport(tab: TabState, writer: string, number: number): TabState {
  return {
    ...tab,
    imported: { ...tab.imported, [writer]: number },
    unstored: [...tab.unstored, { type: 'imported', writer, number }],
  };
}

/** Ids of operations that are not certain to be in the log. */
export function undurable({ unstored, unsure }: TabState): readonly string[] {
  return [...unsure, ...unstored].flatMap((entry) => {
    if (entry.type !== 'entity' || (entry.step.type !== 'write' && entry.step.type !== 'resolve')) return [];
    return entry.step.operation ? [entry.step.operation.id] : [];
  });
}

/** Nobody had taken over: what was stored is certain. */
export function becomeSure(tab: TabState): TabState {
  const sealed = tab.unsure.flatMap((entry) =>
    entry.type === 'entity' && entry.step.type === 'seal' ? [entry.step.request.idempotencyKey] : [],
  );
  return { ...tab, unsure: [], sendable: [...tab.sendable, ...sealed] };
}
