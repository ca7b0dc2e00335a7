import { pendingOf, type EntityState } from './entity-state.ts';
import { operationIds, type Draft, type EntityStep, type JournalEntry } from './entry.ts';
import type { EntityChange, EntitySlot, Replica } from './replica.ts';

/** The writes of a tab that does not lead, shown over what the leader has told until it tells of them, too. */
export interface Drafts {
  /** All drafts, by slot. */
  list(): readonly Draft[];
  /** Shows what the leader has told alone. */
  clear(): void;
  add(draft: Draft): EntityChange;
  /** Of what the storage has, shows what is neither shown nor was dropped: what could not be stored may be there all the same. */
  addRead(read: readonly Draft[]): EntityChange[];
  /** An entry of the leader's log. What only takes up drafts is shown by `catchUp`. */
  take(entry: JournalEntry): EntityChange[];
  /** Shows what drafts are over what has taken up those before them. */
  catchUp(): EntityChange[];
  /** Takes back what was not stored. */
  drop(operationIds: ReadonlySet<string>): EntityChange[];
  /**
   * The slot's state by the leader's log, however it came about. Drafts that `isPending` denies are in it. What was pending and
   * is no longer has been settled unseen, unless it is `lost`.
   */
  confirm(
    slot: EntitySlot,
    state: EntityState,
    isPending: (draft: Draft) => boolean,
    lost: ReadonlySet<string>,
  ): EntityChange;
}

interface Drafted {
  confirmed: EntityState;
  drafts: readonly Draft[];
}

const retold: EntityStep = { type: 'retry' };

function retelling(slot: EntitySlot, before: EntityState, after: EntityState): EntityChange {
  return { slot, before, after, step: retold, settled: [], discarded: [] };
}

/**
 * `place`: the step that a draft is over a state of its slot. `followed`: hears of each change of the log, before drafts are
 * placed over it.
 */
export function createDrafts(
  replica: Replica,
  place: (slot: EntitySlot, state: EntityState, draft: Draft) => EntityStep,
  followed: (change: EntityChange) => void,
): Drafts {
  const draftedBySlot = new Map<EntitySlot, Drafted>();
  const behind = new Map<EntitySlot, Drafted>();
  const dropped = new Set<string>();

  function show(slot: EntitySlot, { confirmed, drafts }: Drafted): EntityState {
    if (drafts.length === 0) draftedBySlot.delete(slot);
    behind.delete(slot);
    const state = drafts.reduce(
      (before, draft) => replica.next(slot, before, place(slot, before, draft)).state,
      confirmed,
    );
    if (state !== slot.state) replica.put(slot, state);
    return state;
  }

  function retell(slot: EntitySlot, drafted: Drafted): EntityChange {
    const before = slot.state;
    return retelling(slot, before, show(slot, drafted));
  }

  /** What was pending and is no longer has reached its end, unseen by this tab. */
  function settledBetween(before: EntityState, after: EntityState): readonly string[] {
    const left = new Set(operationIds(pendingOf(after)));
    return operationIds(pendingOf(before)).filter((id) => !left.has(id));
  }

  function takeStep(slot: EntitySlot, step: EntityStep): EntityChange {
    const before = slot.state;
    const drafted = draftedBySlot.get(slot) ?? { confirmed: before, drafts: [] };
    const { confirmed } = drafted;
    const { state, settled, discarded } = replica.next(slot, confirmed, step);
    followed({ slot, before: confirmed, after: state, step, settled, discarded });
    const left = drafted.drafts.filter(({ operation }) => step.type !== 'write' || operation.id !== step.operation.id);
    const isTakenUp = left.length < drafted.drafts.length && settled.length === 0;
    drafted.confirmed = state;
    drafted.drafts = left;
    if (isTakenUp) {
      behind.set(slot, drafted);
      return { slot, before, after: before, step, settled, discarded };
    }
    return { slot, before, after: show(slot, drafted), step, settled, discarded };
  }

  const list = () => [...draftedBySlot.values()].flatMap(({ drafts }) => drafts);

  function add(draft: Draft): EntityChange {
    const slot = replica.slot(draft.collection, draft.id);
    const before = slot.state;
    const drafted = draftedBySlot.get(slot) ?? { confirmed: before, drafts: [] };
    draftedBySlot.set(slot, drafted);
    drafted.drafts = [...drafted.drafts, draft];
    const step = place(slot, before, draft);
    const after = replica.next(slot, before, step).state;
    replica.put(slot, after);
    return { slot, before, after, step, settled: [], discarded: [] };
  }

  return {
    list,
    clear() {
      for (const [slot, { confirmed }] of draftedBySlot) replica.put(slot, confirmed);
      draftedBySlot.clear();
      behind.clear();
    },
    add,
    addRead(read) {
      const shown = new Set(list().map(({ operation }) => operation.id));
      return read.filter(({ operation: { id } }) => !shown.has(id) && !dropped.has(id)).map(add);
    },
    take: (entry) => replica.apply(entry, undefined, takeStep),
    catchUp: () => [...behind].map(([slot, drafted]) => retell(slot, drafted)),
    drop(ids) {
      for (const id of ids) dropped.add(id);
      const touched = [...draftedBySlot].filter(([, { drafts }]) =>
        drafts.some(({ operation }) => ids.has(operation.id)),
      );
      return touched.map(([slot, drafted]) => {
        drafted.drafts = drafted.drafts.filter(({ operation }) => !ids.has(operation.id));
        return retell(slot, drafted);
      });
    },
    confirm(slot, confirmed, isPending, lost) {
      const before = draftedBySlot.get(slot) ?? { confirmed: slot.state, drafts: [] };
      const drafts = before.drafts.filter(isPending);
      const drafted = { confirmed, drafts };
      followed({ ...retelling(slot, before.confirmed, confirmed), isUnseen: true });
      if (drafts.length > 0) draftedBySlot.set(slot, drafted);
      const change = retell(slot, drafted);
      return {
        ...change,
        isUnseen: true,
        settled: settledBetween(change.before, change.after).filter((id) => !lost.has(id)),
      };
    },
  };
}
