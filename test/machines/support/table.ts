import { isDeepStrictEqual } from 'node:util';
import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate';
import { eventFor, type LeafOf, type Stimulus, type StimulusKey } from './stimulus.ts';
import { begin, leafOf, step, withInertActors } from './step.ts';

/**
 * The verdict of a cell: a state is where it leads. `never`: cannot happen here. `-`: nothing changes. `noted`: remembered,
 * but the state stays. `again`: the state is left and entered anew.
 */
export type Verdict<Row extends string = string> = 'never' | '-' | 'noted' | 'again' | Row;

/** A verdict, and what is sent to the parent or the children. */
export type Cell<Row extends string = string> = Verdict<Row> | readonly [Verdict<Row>, ...sent: string[]];

/** Per kind of stimulus the cases that are told apart; a case of several steps ends with the stimulus of its kind. */
export type Columns<M extends AnyStateMachine, Extra extends string = never> = Record<
  StimulusKey<M> | Extra,
  Readonly<Record<string, Stimulus | readonly Stimulus[]>>
>;
type KeysOfUnion<T> = T extends unknown ? keyof T & string : never;
type ColumnOf<C> = KeysOfUnion<C[keyof C]>;

/** The behaviour of one machine as states x events. */
export interface MachineTable {
  title: string;
  /** Ids of the rules that the table shows. */
  rules: string;
  machine: AnyStateMachine;
  input: unknown;
  columns: Readonly<Record<string, Readonly<Record<string, Stimulus | readonly Stimulus[]>>>>;
  reach: Readonly<Record<string, readonly string[]>>;
  cells: Readonly<Record<string, Readonly<Record<string, Cell>>>>;
}

interface TypedTable<Row extends string, C> {
  title: string;
  rules: string;
  columns: C;
  /** How each state is reached: columns, from the start. */
  reach: Record<Row, readonly ColumnOf<C>[]>;
  cells: Record<Row, Record<ColumnOf<C>, Cell<Row>>>;
}

/**
 * A table that does not compile unless every state of `M` (less `Elsewhere`: states never rested in, or shown in another
 * table) answers every event, completion and timer.
 */
export function tableOf<M extends AnyStateMachine, Elsewhere extends LeafOf<M> = never, Extra extends string = never>(
  machine: M,
  input?: unknown,
) {
  return <const C extends Columns<M, Extra>>(table: TypedTable<Exclude<LeafOf<M>, Elsewhere>, C>): MachineTable => ({
    ...table,
    machine: withInertActors(machine),
    input,
  });
}

/** All cases of a table by name. */
export function casesOf(table: MachineTable): ReadonlyMap<string, readonly Stimulus[]> {
  return new Map(
    Object.values(table.columns).flatMap((cases) =>
      Object.entries(cases).map(([name, stimuli]) => [name, stimuliOfCase(stimuli)] as const),
    ),
  );
}

/** The steps of a case. */
export function stimuliOfCase(stimuli: Stimulus | readonly Stimulus[]): readonly Stimulus[] {
  return 'kind' in stimuli ? [stimuli] : stimuli;
}

/** What the machine does in state `row`, in the notation of the table. */
export function observeRow(table: MachineTable, row: string): Record<string, Cell> {
  const start = reach(table, row);
  return Object.fromEntries([...casesOf(table)].map(([name, stimuli]) => [name, observeCell(start, stimuli)]));
}

/** The snapshot in which the machine rests in `row`. */
export function reach(table: MachineTable, row: string): AnyMachineSnapshot {
  const cases = casesOf(table);
  const path = (table.reach[row] ?? []).flatMap((name) => cases.get(name) ?? []);
  return path.reduce<AnyMachineSnapshot>((snapshot, stimulus) => {
    const event = eventFor(snapshot, stimulus);
    if (!event) throw new Error(`The way to ${row} is blocked in ${leafOf(snapshot)}`);
    return step(snapshot, event).snapshot;
  }, begin(table.machine, table.input).snapshot);
}

function observeCell(start: AnyMachineSnapshot, stimuli: readonly Stimulus[]): Cell {
  let before = start;
  let cell: Cell = 'never';
  for (const stimulus of stimuli) {
    const event = eventFor(before, stimulus);
    if (!event) return 'never';
    const { snapshot, sent, timers, restaffed } = step(before, event);
    const verdict = verdictOf(before, snapshot, restaffed || timers.length > 0);
    cell = sent.length === 0 ? verdict : [verdict, ...sent];
    before = snapshot;
  }
  return cell;
}

function verdictOf(before: AnyMachineSnapshot, after: AnyMachineSnapshot, reentered: boolean): Verdict {
  if (leafOf(before) !== leafOf(after)) return leafOf(after);
  if (reentered) return 'again';
  return isDeepStrictEqual(before.context, after.context) ? '-' : 'noted';
}
