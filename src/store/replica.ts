import type { ConflictRecord, FieldPolicies } from '../core/conflict.ts';
import { unknownEntity, viewOf, type EntityState } from './entity-state.ts';
import { transition, type Transition } from './entity-transition.ts';
import type { EntityStep, JournalEntry, ToldPatch, ToldState } from './entry.ts';

/** Where one entity is kept. The slot stays, its state is replaced. */
export interface EntitySlot {
  readonly collection: string;
  readonly id: string;
  state: EntityState;
  /** Number of the page that stores it. */
  page: number;
}

/** Why a slot changed: who has to be told, and when. */
export type ChangeOrigin = 'local' | 'own' | 'sibling' | 'remote' | 'rollback' | 'stored';

export interface EntityChange {
  readonly slot: EntitySlot;
  readonly before: EntityState;
  readonly after: EntityState;
  readonly step: EntityStep;
  /** Operations that reached their end, see `Transition`. */
  readonly settled: readonly string[];
  readonly discarded: readonly string[];
  /** It was read from the storage: nobody saw what led to it. */
  readonly isUnseen?: true;
}

/** Where each feed has been read to, and in which life of the server's data. Immutable. */
export interface FeedPosition {
  readonly epoch: string | null;
  readonly cursors: ReadonlyMap<string, string | null>;
}

/** Puts a slot to its next state. */
export type TakeStep = (slot: EntitySlot, step: EntityStep) => EntityChange;

/** All entities in memory: the fold of every entry. Knows nothing of storage. */
export interface Replica {
  find(collection: string, id: string): EntitySlot | undefined;
  /** Made on demand, unknown. */
  slot(collection: string, id: string): EntitySlot;
  slots(collection: string): Iterable<EntitySlot>;
  collections(): Iterable<string>;
  /** Grows with every change of a view in the collection. */
  version(collection: string): number;
  /** Slots with unsettled operations. */
  readonly working: ReadonlySet<EntitySlot>;
  readonly feed: FeedPosition;
  /** Resolved conflicts, oldest first. */
  readonly resolved: ReadonlyMap<string, ConflictRecord>;
  /** Applies an entry to the slots that `accept` lets through (default all) and returns what it changed, in order. */
  apply(entry: JournalEntry, accept?: (slot: EntitySlot) => boolean, take?: TakeStep): EntityChange[];
  /** What a step would make of a state of the slot. */
  next(slot: EntitySlot, state: EntityState, step: EntityStep): Transition;
  /** Puts a slot to a state, as recovery and roll-back do. */
  put(slot: EntitySlot, state: EntityState): void;
  restoreFeed(feed: FeedPosition): void;
  restoreResolved(records: Iterable<ConflictRecord>): void;
  clear(): void;
}

const startOfFeed: FeedPosition = { epoch: null, cursors: new Map() };

const keptRecords = 1_000;

const always = () => true;

function stepOf(change: ToldState | ToldPatch): EntityStep {
  if (!('base' in change)) return { type: 'patch', told: change };
  const { base, trusted } = change;
  return trusted ? { type: 'receive', base, trusted } : { type: 'receive', base };
}

export function createReplica(
  policiesOf: (collection: string) => FieldPolicies | undefined = () => undefined,
): Replica {
  const slotsByCollection = new Map<string, Map<string, EntitySlot>>();
  const working = new Set<EntitySlot>();
  const versions = new Map<string, number>();
  const resolved = new Map<string, ConflictRecord>();
  let feed = startOfFeed;

  const find = (collection: string, id: string) => slotsByCollection.get(collection)?.get(id);

  function slot(collection: string, id: string): EntitySlot {
    let slots = slotsByCollection.get(collection);
    if (!slots) slotsByCollection.set(collection, (slots = new Map()));
    let found = slots.get(id);
    if (!found) slots.set(id, (found = { collection, id, state: unknownEntity, page: -1 }));
    return found;
  }

  const viewChanged = (collection: string) => versions.set(collection, (versions.get(collection) ?? 0) + 1);

  function put(target: EntitySlot, state: EntityState): void {
    if (viewOf(target.state) !== viewOf(state)) viewChanged(target.collection);
    target.state = state;
    if (state.work) working.add(target);
    else working.delete(target);
  }

  function applyStep(target: EntitySlot, step: EntityStep): EntityChange {
    const before = target.state;
    const { state, settled, discarded } = transition(before, step, policiesOf(target.collection));
    if (state !== before) put(target, state);
    return { slot: target, before, after: state, step, settled, discarded };
  }

  function applyWhere(
    target: EntitySlot,
    step: EntityStep,
    accept: (slot: EntitySlot) => boolean,
    take: TakeStep,
  ): EntityChange[] {
    if (!accept(target)) return [];
    if (step.type === 'resolve') keepRecord(step.record);
    return [take(target, step)];
  }

  function receive(
    { collection, changes }: JournalEntry & { type: 'feed' },
    accept: (slot: EntitySlot) => boolean,
    take: TakeStep,
  ): EntityChange[] {
    const received: EntityChange[] = [];
    for (const change of changes) {
      const target = slot(collection, change.id);
      if (accept(target)) received.push(take(target, stepOf(change)));
    }
    return received;
  }

  function keepRecord(record: ConflictRecord): void {
    resolved.set(record.id, record);
    if (resolved.size <= keptRecords) return;
    const oldest = resolved.keys().next().value;
    if (oldest !== undefined) resolved.delete(oldest);
  }

  function moveCursor(collection: string, cursor: string | null | undefined): void {
    if (cursor === undefined || feed.cursors.get(collection) === cursor) return;
    feed = { ...feed, cursors: new Map(feed.cursors).set(collection, cursor) };
  }

  function beginEpoch(
    epoch: string | null,
    reset: boolean,
    accept: (slot: EntitySlot) => boolean,
    take: TakeStep,
  ): EntityChange[] {
    feed = { epoch, cursors: reset ? new Map() : feed.cursors };
    if (!reset) return [];
    return [...slotsByCollection.values()].flatMap((slots) =>
      [...slots.values()].filter(accept).map((each) => take(each, { type: 'forget' })),
    );
  }

  return {
    find,
    slot,
    slots: (collection) => slotsByCollection.get(collection)?.values() ?? [],
    collections: () => slotsByCollection.keys(),
    version: (collection) => versions.get(collection) ?? 0,
    working,
    get feed() {
      return feed;
    },
    resolved,
    put,
    apply(entry, accept = always, take = applyStep) {
      switch (entry.type) {
        case 'entity':
          return applyWhere(slot(entry.collection, entry.id), entry.step, accept, take);
        case 'feed':
          moveCursor(entry.collection, entry.cursor);
          return receive(entry, accept, take);
        case 'epoch':
          return beginEpoch(entry.epoch, entry.reset, accept, take);
        case 'draft':
        case 'imported':
        case 'reign':
          return [];
      }
    },
    next: ({ collection }, state, step) => transition(state, step, policiesOf(collection)),
    restoreFeed(position) {
      feed = position;
    },
    restoreResolved(records) {
      for (const record of records) keepRecord(record);
    },
    clear() {
      for (const collection of slotsByCollection.keys()) viewChanged(collection);
      slotsByCollection.clear();
      working.clear();
      resolved.clear();
      feed = startOfFeed;
    },
  };
}
