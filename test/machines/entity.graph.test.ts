import { entityMachine, type Trouble } from '../../machines/index.ts';
import { few, stimuliIn, type Place } from './support/explore.ts';
import {
  checkInvariants,
  edgesWhere,
  isCompletion,
  mutate,
  placesOnLoops,
  placesStaffedWrongly,
  placesWhere,
  placesWithoutWay,
  rewire,
  type Invariant,
} from './support/invariant.ts';
import { keyOf } from './support/stimulus.ts';
import { entityTable } from './tables/entity.table.ts';

type Context = ReturnType<typeof entityMachine.getInitialSnapshot>['context'];

const actorOf: Readonly<Record<string, readonly string[]>> = {
  'conflicted.resolving': ['resolveConflict'],
  'conflicted.recording': ['recordResolution'],
  'probingOutcome.asking': ['askOutcome'],
};
const contextOf = ({ snapshot }: Place) => snapshot.context as Context;
const isDecision = (key: string) => ['decision.made', 'refusal.lifted', 'view.edited'].includes(key);

const invariants: readonly Invariant[] = [
  {
    title: 'G8 entity: every state can settle',
    violations: (graph) =>
      placesWithoutWay(
        graph,
        ({ leaf }) => leaf === 'settled',
        () => true,
      ),
    broken: mutate(entityMachine, 'parked', (state) => (state['on'] = {})),
  },
  {
    title: 'G5 entity: an unknown outcome is found out without the app',
    violations: (graph) => {
      const stuck = new Set(
        placesWithoutWay(
          graph,
          ({ leaf }) => !leaf.startsWith('probingOutcome.'),
          (edge) => isCompletion(edge) || keyOf(edge.cause) === 'outcome.ask',
        ),
      );
      return placesWhere(graph, (place) => stuck.has(graph.keyOf(place)));
    },
    broken: mutate(entityMachine, 'probingOutcome.asking', (state) => delete state['invoke']),
  },
  {
    title: 'S16 entity: a conflict settles when its resolution is recorded or nothing differs any more',
    violations: (graph) =>
      edgesWhere(
        graph,
        ({ from, to, cause }) =>
          from.leaf.startsWith('conflicted.') &&
          to.leaf === 'settled' &&
          !(cause.kind === 'done' && (cause.actor === 'recordResolution' || cause.output === 'moot')),
      ),
    broken: rewire(entityMachine, 'conflicted.awaitingDecision', 'decision.made', { target: '#entity.settled' }),
  },
  {
    title: 'S16 entity: a conflict looks again when the base or the view changes before its resolution is recorded',
    violations: (graph) =>
      edgesWhere(
        graph,
        ({ from, to, cause }) =>
          ['base.moved', 'view.edited'].includes(keyOf(cause)) &&
          ['conflicted.resolving', 'conflicted.awaitingDecision'].includes(from.leaf) &&
          (to.leaf !== 'conflicted.resolving' || to.snapshot.children === from.snapshot.children),
      ),
    broken: rewire(entityMachine, 'conflicted.awaitingDecision', 'base.moved', null),
  },
  {
    title: 'G5 entity: a resolution that could not be recorded is chosen anew if anything moved meanwhile',
    violations: (graph) =>
      edgesWhere(
        graph,
        ({ from, to, cause }) =>
          keyOf(cause) === 'fail recordResolution' && contextOf(from).moved > 0 && to.leaf !== 'conflicted.resolving',
      ),
    broken: entityMachine.provide({ guards: { hasMoved: () => false } }),
  },
  {
    title: 'G7 entity: a refused operation leaves only by the app or as a conflict',
    violations: (graph) =>
      edgesWhere(
        graph,
        ({ from, to, cause }) =>
          from.leaf === 'parked' &&
          to.leaf !== 'parked' &&
          !isDecision(keyOf(cause)) &&
          keyOf(cause) !== 'conflict.found',
      ),
    broken: rewire(entityMachine, 'parked', 'base.moved', { target: 'settled' }),
  },
  {
    title: 'G5 entity: a way that opens while the outcome is asked for is used',
    violations: (graph) => [
      ...placesWhere(graph, (place) => place.leaf === 'probingOutcome.resting' && contextOf(place).asked > 0),
      ...edgesWhere(
        graph,
        ({ from, to, cause }) =>
          keyOf(cause) === 'outcome.ask' &&
          from.leaf.startsWith('probingOutcome.') &&
          !(to.leaf === 'probingOutcome.asking' && (from.leaf !== to.leaf || contextOf(to).asked > 0)),
      ),
    ],
    broken: rewire(entityMachine, 'probingOutcome.asking', 'outcome.ask', null),
  },
  {
    title: 'G5 entity: its own work never goes round without an event from outside',
    violations: (graph) => placesOnLoops(graph, isCompletion),
    broken: mutate(entityMachine, 'conflicted.recording', (state) => {
      state['invoke'] = { src: 'recordResolution', onError: { target: 'resolving' } };
    }),
  },
  {
    title: 'G5 entity: no timers, and one actor while it resolves, records or asks',
    violations: (graph) => placesStaffedWrongly(graph, (leaf) => ({ actors: actorOf[leaf] ?? [] })),
    broken: mutate(entityMachine, 'probingOutcome.resting', (state) => (state['after'] = { 1000: 'asking' })),
  },
];

checkInvariants(
  'entity',
  entityMachine,
  {
    inputs: (['conflict', 'unknown', 'parked'] satisfies Trouble[]).map((trouble) => ({
      collection: 'tasks',
      entityId: 't1',
      trouble,
    })),
    stimuli: stimuliIn(entityTable),
    remember: ({ trouble, asked, moved }: Context) => [trouble, few(asked), few(moved)],
  },
  invariants,
);
