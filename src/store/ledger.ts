import { createBatching, type Batch } from './batch.ts';
import { viewOf, type EntityState } from './entity-state.ts';
import type { Draft, EntityStep, JournalEntry, StoredOperation } from './entry.ts';
import type { ChangeOrigin, EntityChange, EntitySlot, FeedPosition, Replica } from './replica.ts';

/** Where entries become durable. */
export type AppendToJournal = (entries: readonly JournalEntry[]) => {
  readonly group: number;
  readonly durable: Promise<void>;
};

export interface LedgerListener {
  /** Called in the same tick as the commit, once per commit, in order. */
  changed(changes: readonly EntityChange[], origin: ChangeOrigin): void;
  /** The durable state of these slots changed. `written`: those of them with operations that may be sent now. */
  stored(slots: Iterable<EntitySlot>, written: Iterable<EntitySlot>): void;
  /** Ids of local writes that the storage did not take. Their effect is gone from every view. */
  dropped(operationIds: readonly string[]): void;
  /** What the writer drafted up to this segment is durable in this journal. */
  imported?(writer: string, number: number): void;
}

/**
 * Every change goes through here: applied to the replica and appended to the journal together. Remembers, until a group is
 * stored, what each slot was before it, so that a failing storage takes writes back exactly to what recovery would give
 * (S31), and so that pages never hold what the journal does not.
 */
export interface Ledger {
  /** All entries in one journal record. Resolves when they are durable. */
  commit(entries: readonly JournalEntry[], origin: ChangeOrigin): Promise<void>;
  /** Everything committed meanwhile becomes one journal record and one notification; nothing of it, when `run` throws (S46). */
  together<R>(run: () => R): R;
  isDurable(operationId: string): boolean;
  durableState(slot: EntitySlot): EntityState;
  durableFeed(): FeedPosition;
  /** The journal stored a group. */
  stored(group: number): void;
  /** Another tab's ledger counts from now on: local writes of the open groups, by group, as drafts for that tab. */
  abandon(): ReadonlyMap<number, readonly Draft[]>;
  /**
   * The journal gave up on all open groups: local writes are dropped, everything else is now in `group`. What other tabs wrote
   * on top of them is written without them: answers with those steps, by the ids of their operations.
   */
  rolledBack(group: number): ReadonlyMap<string, EntityStep>;
}

interface Group {
  readonly befores: Map<EntitySlot, EntityState>;
  readonly steps: EntityChange[];
  /** Those that are also stored in the journal of the tab that drafted them. */
  readonly siblings: Set<EntityChange>;
  readonly imports: { readonly writer: string; readonly number: number }[];
  readonly feedBefore: FeedPosition;
  readonly written: Set<EntitySlot>;
}

/** `place`: the step that a draft is over a state of its slot. */
export function createLedger(
  replica: Replica,
  append: AppendToJournal,
  listener: LedgerListener,
  place: (slot: EntitySlot, state: EntityState, draft: Draft) => EntityStep,
): Ledger {
  const groups = new Map<number, Group>();
  const undurable = new Set<string>();
  const batching = createBatching(() => replica.feed, closeBatch);

  function groupOf(number: number, feedBefore: FeedPosition): Group {
    let group = groups.get(number);
    if (!group)
      groups.set(
        number,
        (group = { befores: new Map(), steps: [], siblings: new Set(), imports: [], feedBefore, written: new Set() }),
      );
    return group;
  }

  function note(group: Group, change: EntityChange, isOwn: boolean): void {
    const { slot, before, step } = change;
    if (!group.befores.has(slot)) group.befores.set(slot, before);
    group.steps.push(change);
    if (!isOwn) group.siblings.add(change);
    const operation = operationOf(step);
    if (!operation) return;
    undurable.add(operation.id);
    group.written.add(slot);
  }

  function forgetGroup(group: Group): void {
    for (const { step } of group.steps) {
      const operation = operationOf(step);
      if (operation) undurable.delete(operation.id);
    }
  }

  function earliest(): { befores: Map<EntitySlot, EntityState>; feedBefore: FeedPosition } {
    const befores = new Map<EntitySlot, EntityState>();
    let feedBefore = replica.feed;
    let first = true;
    for (const group of groups.values()) {
      if (first) feedBefore = group.feedBefore;
      first = false;
      for (const [slot, before] of group.befores) if (!befores.has(slot)) befores.set(slot, before);
    }
    return { befores, feedBefore };
  }

  /** The same change of another state. */
  function over(before: EntityState, change: EntityChange, isSiblings: boolean): EntityChange {
    const { slot } = change;
    const [draft] = isSiblings ? draftOf(change) : [];
    const step = draft ? place(slot, before, draft) : change.step;
    return { ...change, before, after: replica.next(slot, before, step).state, step };
  }

  /** What is kept of the open groups, as one group, and the states that leaves behind. */
  function withoutWrites(number: number): {
    states: Map<EntitySlot, EntityState>;
    dropped: string[];
    placed: Map<string, EntityStep>;
  } {
    const { befores, feedBefore } = earliest();
    const steps = [...groups.values()].flatMap((group) => group.steps);
    const states = new Map<EntitySlot, EntityState>();
    const siblings = new Set([...groups.values()].flatMap((group) => [...group.siblings]));
    const isDroppable = (change: EntityChange) => change.step.type === 'write' && !siblings.has(change);
    for (const change of steps) {
      const { slot } = change;
      if (isDroppable(change)) states.set(slot, befores.get(slot) ?? slot.state);
    }
    const imports = [...groups.values()].flatMap((group) => group.imports);
    groups.clear();
    undurable.clear();
    const kept = groupOf(number, feedBefore);
    for (const [slot, before] of befores) kept.befores.set(slot, before);
    kept.imports.push(...imports);
    const placed = new Map<string, EntityStep>();
    for (const before of steps) {
      if (isDroppable(before)) continue;
      const { slot } = before;
      const state = states.get(slot);
      const change = state ? over(state, before, siblings.has(before)) : before;
      if (state) states.set(slot, change.after);
      kept.steps.push(change);
      if (siblings.has(before)) kept.siblings.add(change);
      const operation = operationOf(change.step);
      if (!operation) continue;
      if (change.step !== before.step) placed.set(operation.id, change.step);
      undurable.add(operation.id);
      kept.written.add(slot);
    }
    return {
      states,
      placed,
      dropped: steps.flatMap((change) => (isDroppable(change) ? idsOf(change.step) : [])),
    };
  }

  /** Records a batch whole, or takes all of it back. */
  function closeBatch(batch: Batch, isWhole: boolean): void {
    const { entries, changes, feedBefore } = batch;
    if (!isWhole) {
      for (const { slot, before } of changes.toReversed()) replica.put(slot, before);
      replica.restoreFeed(feedBefore);
      batch.takenBack();
    } else if (entries.length > 0) {
      const { group: number, durable } = append(entries);
      const group = groupOf(number, feedBefore);
      for (const change of changes) note(group, change, true);
      batch.recorded(durable);
      listener.changed(changes, 'local');
    }
  }

  return {
    commit(entries, origin) {
      const batch = batching.open;
      if (batch) {
        batch.entries.push(...entries);
        batch.changes.push(...entries.flatMap((entry) => replica.apply(entry)));
        return batch.durable;
      }
      const { group: number, durable } = append(entries);
      const group = groupOf(number, replica.feed);
      const changes: EntityChange[] = [];
      for (const entry of entries) {
        if (entry.type === 'imported') group.imports.push(entry);
        const isOwn = entry.type !== 'entity' || entry.from === undefined;
        for (const change of replica.apply(entry)) {
          note(group, change, isOwn);
          changes.push(change);
        }
      }
      listener.changed(changes, origin);
      return durable;
    },
    together: batching.together,
    isDurable: (operationId) => !undurable.has(operationId),
    durableState(slot) {
      for (const group of groups.values()) {
        const before = group.befores.get(slot);
        if (before) return before;
      }
      return slot.state;
    },
    durableFeed: () => groups.values().next().value?.feedBefore ?? replica.feed,
    stored(number) {
      const group = groups.get(number);
      if (!group) return;
      groups.delete(number);
      forgetGroup(group);
      for (const { writer, number: segment } of group.imports) listener.imported?.(writer, segment);
      listener.stored(group.befores.keys(), group.written);
    },
    abandon() {
      const open = [...groups];
      groups.clear();
      undurable.clear();
      const draftsOf = ({ steps, siblings }: Group) =>
        steps.flatMap((change) => (siblings.has(change) ? [] : draftOf(change)));
      return new Map(open.map(([number, group]) => [number, draftsOf(group)]));
    },
    rolledBack(number) {
      const { states, dropped, placed } = withoutWrites(number);
      const changes = [...states].map(([slot, state]): EntityChange => {
        const before = slot.state;
        replica.put(slot, state);
        return { slot, before, after: state, step: { type: 'retry' }, settled: [], discarded: [] };
      });
      listener.changed(changes, 'rollback');
      listener.dropped(dropped);
      return placed;
    },
  };
}

/** Of a local write. */
function idsOf(step: EntityStep): readonly string[] {
  return step.type === 'write' ? [step.operation.id] : [];
}

/** Of a write. */
function draftOf({ slot, before, step }: EntityChange): readonly Draft[] {
  if (step.type !== 'write') return [];
  const { collection, id } = slot;
  const { operation, against } = step;
  const seen =
    against === undefined
      ? { on: before.base, before: viewOf(before) }
      : { on: against, before: against?.entity ?? null };
  return [{ type: 'draft', collection, id, operation, ...seen }];
}

function operationOf(step: EntityStep): StoredOperation | null {
  return step.type === 'write' || step.type === 'resolve' ? step.operation : null;
}
