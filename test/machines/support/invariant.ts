import { createMachine, type AnyStateMachine } from 'xstate';
import { describe, expect, test } from 'vitest';
import { explore, type Edge, type Exploration, type Graph, type Place } from './explore.ts';
import { keyOf } from './stimulus.ts';

/** A statement about everything that can happen to a machine, and a machine that breaks it. */
export interface Invariant {
  title: string;
  /** Descriptions of where it does not hold. */
  violations: (graph: Graph) => readonly string[];
  /** The same machine with a fault that the invariant must see. */
  broken: AnyStateMachine;
}

/** Checks each invariant on the whole graph of the machine, and that it fails on its broken twin. */
export function checkInvariants(
  name: string,
  machine: AnyStateMachine,
  exploration: Exploration,
  invariants: readonly Invariant[],
): void {
  describe(`${name} graph`, () => {
    const graph = explore(machine, exploration);
    for (const { title, violations, broken } of invariants) {
      test(title, () => {
        expect(violations(graph).slice(0, 5)).toEqual([]);
      });
      test(`${title}: a broken machine is caught`, () => {
        expect(violations(explore(broken, exploration))).not.toHaveLength(0);
      });
    }
  });
}

/** A state's configuration, loosely typed for editing. */
export type LooseConfig = Record<string, unknown>;

/** A copy of the machine with the configuration of one state edited: '' is the machine itself. */
export function mutate(machine: AnyStateMachine, path: string, edit: (state: LooseConfig) => void): AnyStateMachine {
  const config = copy(machine.config) as LooseConfig;
  edit(stateAt(config, path));
  return createMachine(config as never).provide(machine.implementations as never);
}

/** The machine with a transition added, replaced or, with null, taken away. */
export function rewire(
  machine: AnyStateMachine,
  path: string,
  event: string,
  transition: object | null,
): AnyStateMachine {
  return mutate(machine, path, (state) => {
    const { [event]: _former, ...others } = (state['on'] ?? {}) as LooseConfig;
    state['on'] = transition ? { ...others, [event]: transition } : others;
  });
}

function stateAt(config: LooseConfig, path: string): LooseConfig {
  return path
    .split('.')
    .filter((name) => name !== '')
    .reduce((state, name) => {
      const inner = (state['states'] as Record<string, LooseConfig>)[name];
      if (!inner) throw new Error(`No state ${path}`);
      return inner;
    }, config);
}

function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copy(inner)]));
}

/** Descriptions of the places that are wrong. */
export function placesWhere(graph: Graph, isWrong: (place: Place) => boolean): string[] {
  return graph.places.filter(isWrong).map(graph.keyOf);
}

/** Descriptions of the steps that are wrong. */
export function edgesWhere(graph: Graph, isWrong: (edge: Edge) => boolean): string[] {
  return graph.edges.filter(isWrong).map((edge) => describeEdge(graph, edge));
}

/** Live places from which no way of allowed edges leads to a goal. */
export function placesWithoutWay(
  graph: Graph,
  isGoal: (place: Place) => boolean,
  isAllowed: (edge: Edge) => boolean,
): string[] {
  const sourcesByTarget = new Map<string, string[]>();
  for (const edge of graph.edges.filter(isAllowed)) {
    const target = graph.keyOf(edge.to);
    sourcesByTarget.set(target, [...(sourcesByTarget.get(target) ?? []), graph.keyOf(edge.from)]);
  }
  const reached = new Set(graph.places.filter(isGoal).map(graph.keyOf));
  for (const key of reached) for (const source of sourcesByTarget.get(key) ?? []) reached.add(source);
  return placesWhere(graph, (place) => place.status === 'active' && !reached.has(graph.keyOf(place)));
}

/** Places that allowed edges lead back to. */
export function placesOnLoops(graph: Graph, isAllowed: (edge: Edge) => boolean): string[] {
  const targetsBySource = new Map<string, string[]>();
  for (const edge of graph.edges.filter(isAllowed)) {
    const source = graph.keyOf(edge.from);
    targetsBySource.set(source, [...(targetsBySource.get(source) ?? []), graph.keyOf(edge.to)]);
  }
  return [...targetsBySource.keys()].filter((start) => {
    const reached = new Set(targetsBySource.get(start));
    for (const key of reached) for (const target of targetsBySource.get(key) ?? []) reached.add(target);
    return reached.has(start);
  });
}

/** The end of one of the machine's own actors: neither an event from outside nor a timer. */
export function isCompletion({ cause }: Edge): boolean {
  return cause.kind === 'done' || cause.kind === 'fail';
}

/** Places whose state runs other actors, or waits for other timers, than it should. */
export function placesStaffedWrongly(
  graph: Graph,
  expected: (leaf: string) => { actors?: readonly string[]; timers?: number },
): string[] {
  return placesWhere(graph, ({ leaf, actors, timers }) => {
    const { actors: wanted = [], timers: count = 0 } = expected(leaf);
    return actors.join() !== wanted.join() || timers.length !== count;
  });
}

function describeEdge(graph: Graph, { from, to, cause }: Edge): string {
  return `${graph.keyOf(from)} -- ${keyOf(cause)} --> ${graph.keyOf(to)}`;
}
