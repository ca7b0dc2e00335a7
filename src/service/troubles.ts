import type { EntityEvent, Trouble } from '../../machines/entity.machine.ts';
import type { ConflictIndex } from '../conflicts/conflict-index.ts';
import { isContested, type EntityState } from '../store/entity-state.ts';
import type { EntityStep } from '../store/entry.ts';
import type { ChangeOrigin, EntityChange, EntitySlot } from '../store/replica.ts';

/** Sees where an entity gets into trouble or out of it, and tells its actor. */
export interface Troubles {
  watch(change: EntityChange, origin: ChangeOrigin): void;
  /** The local data was loaded: entities that were in trouble are again. */
  resume(slots: Iterable<EntitySlot>): void;
  /** A strategy left the conflict to the app. */
  undecided(slot: EntitySlot): void;
  /** The entity's conflict awaits the app's decision. */
  awaitsDecision(slot: EntitySlot): boolean;
  /** Nothing of the entity is sent before the app decides: it was refused, or its conflict awaits a decision. */
  awaitsApp(slot: EntitySlot): boolean;
  /** Every open conflict awaits a decision. */
  readonly allUndecided: boolean;
  /** Ids of conflicts that await a decision. */
  undecidedIds(): readonly string[];
  /** What the leader says of them. */
  mirror(conflictIds: readonly string[]): void;
}

export interface TroubleParts {
  /** Only the leader acts; the others only tell. */
  leads(): boolean;
  readonly conflicts: ConflictIndex;
  commitStep(slot: EntitySlot, step: EntityStep): void;
  tell(slot: EntitySlot, event: EntityEvent, trouble?: Trouble): void;
  newId(): string;
  nowIso(): string;
  detected(slot: EntitySlot): void;
  resolved(conflictId: string): void;
  parked(slot: EntitySlot): void;
  /** Its conflict began to await a decision, or ceased to. */
  restated(slot: EntitySlot): void;
  changed(): void;
}

export function createTroubles(parts: TroubleParts): Troubles {
  const { conflicts } = parts;
  const undecided = new Set<EntitySlot>();

  const isUnopened = (state: EntityState) => isContested(state) && state.work?.conflict === null;

  function tell(slot: EntitySlot, event: EntityEvent, trouble?: Trouble): void {
    if (parts.leads()) parts.tell(slot, event, trouble);
  }

  function open(slot: EntitySlot, wasLookedAt: boolean): void {
    const remote = slot.state.work?.foreign;
    if (!remote || !parts.leads() || !isUnopened(slot.state)) return;
    const looked = wasLookedAt && ({ looked: true } as const);
    parts.commitStep(slot, { type: 'conflict', key: null, ...looked, remote, id: parts.newId(), at: parts.nowIso() });
  }

  function watchConflict(slot: EntitySlot, before: EntityState, step: EntityStep): void {
    const was = before.work?.conflict?.id;
    const is = slot.state.work?.conflict?.id;
    if (was !== is) {
      conflicts.update(slot);
      undecided.delete(slot);
      if (was !== undefined && step.type === 'resolve') parts.resolved(was);
      if (is === undefined) return tell(slot, { type: 'base.moved' });
      parts.detected(slot);
      return tell(slot, { type: 'conflict.found' }, 'conflict');
    }
    if (is !== undefined && before.work?.foreign !== slot.state.work?.foreign) tell(slot, { type: 'base.moved' });
  }

  return {
    watch({ slot, before, step }, origin) {
      const { work } = slot.state;
      if (!before.work && !work) return;
      watchConflict(slot, before, step);
      if (work?.refusal && work.refusal !== before.work?.refusal) {
        parts.parked(slot);
        tell(slot, { type: 'request.refused' }, 'parked');
      }
      if (before.work?.refusal && !work?.refusal) tell(slot, { type: 'refusal.lifted' });
      if (origin === 'local' && step.type === 'write' && before.work?.conflict) tell(slot, { type: 'view.edited' });
      if (isUnopened(slot.state)) open(slot, step.type === 'receive' && step.trusted === true);
    },
    resume(slots) {
      for (const slot of slots) {
        conflicts.update(slot);
        if (slot.state.work?.conflict) tell(slot, { type: 'conflict.found' }, 'conflict');
        else if (slot.state.work?.refusal) tell(slot, { type: 'request.refused' }, 'parked');
        else open(slot, false);
      }
    },
    undecided(slot) {
      undecided.add(slot);
      parts.restated(slot);
      parts.changed();
    },
    awaitsDecision: (slot) => undecided.has(slot),
    awaitsApp: (slot) => {
      const { work } = slot.state;
      return Boolean(work?.refusal ?? (work?.conflict && undecided.has(slot)));
    },
    undecidedIds: () => [...undecided].flatMap(({ state }) => state.work?.conflict?.id ?? []),
    mirror(conflictIds) {
      const before = new Set(undecided);
      undecided.clear();
      for (const id of conflictIds) {
        const slot = conflicts.slotOf(id);
        if (slot) undecided.add(slot);
      }
      for (const slot of new Set([...before, ...undecided]))
        if (before.has(slot) !== undecided.has(slot)) parts.restated(slot);
      parts.changed();
    },
    get allUndecided() {
      return undecided.size >= conflicts.openCount;
    },
  };
}
