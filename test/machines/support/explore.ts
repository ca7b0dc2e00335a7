import { getAdjacencyMap } from 'xstate/graph';
import type { ActorLogic, AnyEventObject, AnyMachineSnapshot, AnyStateMachine, EventObject, Snapshot } from 'xstate';
import { eventFor, keyOf, type Stimulus } from './stimulus.ts';
import { begin, leafOf, runningActors, step, withInertActors, type Step } from './step.ts';
import { casesOf, type MachineTable } from './table.ts';

/** Where a machine can be: its state, the timers that wait and the gate it last told of. */
export interface Place extends Pick<Snapshot<unknown>, 'status'> {
  output: undefined;
  error: undefined;
  snapshot: AnyMachineSnapshot;
  leaf: string;
  timers: readonly string[];
  actors: readonly string[];
  /** `gate open` or `gate <blocker>`; null before the first word. */
  told: string | null;
  /** What the step that led here sent. */
  sent: readonly string[];
}

export interface Edge {
  from: Place;
  to: Place;
  cause: Stimulus;
  /** The event as the machine got it. */
  event: AnyEventObject;
}

/** Everything that can happen to a machine, up to its counters. */
export interface Graph {
  places: readonly Place[];
  edges: readonly Edge[];
  keyOf: (place: Place) => string;
}

interface Happening extends EventObject {
  cause: Stimulus;
  event: AnyEventObject;
}

export interface Exploration {
  inputs: readonly unknown[];
  stimuli: readonly Stimulus[];
  /** The part of the context that decides what happens, counters bounded: places that agree in it are one. */
  remember: (context: never) => unknown;
}

interface Transition {
  event: Happening;
  state: Place;
}

const limit = 50_000;

/** Walks through everything that can happen, from each input. */
export function explore(machine: AnyStateMachine, { inputs, stimuli, remember }: Exploration): Graph {
  const inert = withInertActors(machine);
  const keyOfPlace = ({ leaf, snapshot, timers, actors, told }: Place) =>
    JSON.stringify([leaf, remember(snapshot.context as never), timers, actors, told]);
  const places = new Map<string, Place>();
  const edges: Edge[] = [];
  for (const input of inputs) {
    const map = getAdjacencyMap(logicOf(inert, input), {
      events: (place) => happeningsIn(place, stimuli),
      serializeState: keyOfPlace,
      serializeEvent: (happening) => happening.type,
      limit,
    });
    for (const [key, { state, transitions }] of Object.entries(map)) {
      places.set(key, state);
      for (const { event: happening, state: to } of Object.values<Transition>(transitions))
        edges.push({ from: state, to, cause: happening.cause, event: happening.event });
    }
  }
  return { places: [...places.values()], edges, keyOf: keyOfPlace };
}

/** The single steps that a table is made of. */
export function stimuliIn(...tables: readonly MachineTable[]): Stimulus[] {
  return [...new Set(tables.flatMap((table) => [...casesOf(table).values()].flat()))];
}

/** A counter as none, one or many. */
export function few(counter: number): number {
  return Math.min(counter, 2);
}

function logicOf(machine: AnyStateMachine, input: unknown): ActorLogic<Place, Happening> {
  return {
    getInitialSnapshot: () => placeAfter([], null, begin(machine, input)),
    transition: ({ timers, told, snapshot }, { event }) =>
      placeAfter(
        timers.filter((id) => id !== event.type),
        told,
        step(snapshot, event),
      ),
    getPersistedSnapshot: (place) => place,
  };
}

function placeAfter(timersBefore: readonly string[], toldBefore: string | null, taken: Step): Place {
  const { snapshot, timers, sent } = taken;
  const waiting = new Set(timersBefore);
  for (const { set, id } of timers) {
    if (set) waiting.add(id);
    else waiting.delete(id);
  }
  return {
    status: snapshot.status,
    output: undefined,
    error: undefined,
    snapshot,
    leaf: leafOf(snapshot),
    timers: [...waiting].toSorted(),
    actors: [...runningActors(snapshot).values()].toSorted(),
    told: sent.findLast((words) => words.startsWith('gate ')) ?? toldBefore,
    sent,
  };
}

function happeningsIn(place: Place, stimuli: readonly Stimulus[]): Happening[] {
  return stimuli.flatMap((cause) => {
    const event = eventFor(place.snapshot, cause);
    if (!event || (cause.kind === 'after' && !place.timers.includes(event.type))) return [];
    const { error: _error, ...content } = event as AnyEventObject & { error?: unknown };
    return [{ type: `${keyOf(cause)} ${JSON.stringify(content)}`, cause, event }];
  });
}
