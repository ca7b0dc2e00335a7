import { assign } from 'xstate';
import { changeGate, feedMachine, mayListen, type GateChanged } from '../../machines/index.ts';
import { few, stimuliIn, type Edge, type Place } from './support/explore.ts';
import {
  checkInvariants,
  edgesWhere,
  isCompletion,
  mutate,
  placesOnLoops,
  placesStaffedWrongly,
  placesWhere,
  placesWithoutWay,
  type Invariant,
} from './support/invariant.ts';
import { stimuliOf } from './support/stimulus.ts';
import { feedTable } from './tables/feed.table.ts';

const { event } = stimuliOf<typeof feedMachine>();
type Context = ReturnType<typeof feedMachine.getInitialSnapshot>['context'];

const contextOf = ({ snapshot }: Place) => snapshot.context as Context;
const listens = (place: Place) => mayListen(contextOf(place).gates);
const opensGate = ({ event: { type, blocker } }: Edge) => type === 'gate.changed' && blocker === null;
const goesOnAlone = (edge: Edge) => isCompletion(edge) || edge.cause.kind === 'after' || opensGate(edge);
const beginsPull = (edge: Edge) => edge.to.leaf === 'pulling' && (edge.from.leaf !== 'pulling' || isCompletion(edge));
const actorOf: Readonly<Record<string, readonly string[]>> = { pulling: ['pullChanges'], resetting: ['resetReplica'] };

const invariants: readonly Invariant[] = [
  {
    title: 'S40 feed: pulls only while it may listen',
    violations: (graph) => placesWhere(graph, (place) => place.leaf === 'pulling' && !listens(place)),
    broken: feedMachine.provide({ guards: { closed: () => false } }),
  },
  {
    title: 'S40 feed: what was asked for is pulled without the user once the gates open',
    violations: (graph) => {
      const stuck = new Set(placesWithoutWay(graph, ({ leaf }) => leaf === 'pulling', goesOnAlone));
      return placesWhere(graph, (place) => contextOf(place).asked > 0 && stuck.has(graph.keyOf(place)));
    },
    broken: mutate(feedMachine, 'backingOff', (state) => delete state['after']),
  },
  {
    title: 'S40 feed: an ask is forgotten only by a pull that begins after it',
    violations: (graph) =>
      edgesWhere(
        graph,
        (edge) => contextOf(edge.from).asked > 0 && contextOf(edge.to).asked === 0 && !beginsPull(edge),
      ),
    broken: feedMachine.provide({ actions: { noteStop: assign({ asked: 0 }) } }),
  },
  {
    title:
      'S40 feed: every pull is told when it begins, and that it caught up when it has, whatever was asked for since',
    violations: (graph) =>
      edgesWhere(
        graph,
        (edge) =>
          beginsPull(edge) !== edge.to.sent.includes('pull.began') ||
          (edge.cause.kind === 'done' && edge.event['output']?.type === 'caughtUp') !==
            edge.to.sent.includes('feed.caughtUp'),
      ),
    broken: mutate(feedMachine, 'pulling', (state) => (state['entry'] = 'beginRound')),
  },
  {
    title: 'S40 feed: what it could not hear is asked for',
    violations: (graph) =>
      edgesWhere(graph, ({ from, to }) => listens(from) && !listens(to) && contextOf(to).asked === 0),
    broken: feedMachine.provide({
      actions: { noteGate: assign({ gates: ({ context }, event: GateChanged) => changeGate(context.gates, event) }) },
    }),
  },
  {
    title: 'S43 feed: a back-off ends by its timer, by the app or by a reset: no gate cuts it short or begins it anew',
    violations: (graph) =>
      edgesWhere(
        graph,
        ({ from, to, cause, event: { now } }) =>
          from.leaf === 'backingOff' &&
          to.leaf !== 'backingOff' &&
          to.leaf !== 'resetting' &&
          cause.kind !== 'after' &&
          now !== true,
      ),
    broken: mutate(feedMachine, 'backingOff', (state) => (state['always'] = { guard: 'closed', target: 'idle' })),
  },
  {
    title: 'S43 feed: one timer in back-off and none elsewhere; one actor while pulling or resetting',
    violations: (graph) =>
      placesStaffedWrongly(graph, (leaf) => ({ actors: actorOf[leaf] ?? [], timers: leaf === 'backingOff' ? 1 : 0 })),
    broken: mutate(feedMachine, '', (config) => (config['after'] = { retryDelay: {} })),
  },
  {
    title: 'S39 feed: a reset is finished whatever the gates say',
    violations: (graph) =>
      edgesWhere(
        graph,
        ({ from, to, cause }) => from.leaf === 'resetting' && to.leaf !== 'resetting' && cause.kind === 'event',
      ),
    broken: mutate(feedMachine, 'resetting', (state) => (state['always'] = { guard: 'closed', target: 'idle' })),
  },
  {
    title: 'S39 feed: pulls and resets alone never go round, even if the backend changes its epoch for ever',
    violations: (graph) => placesOnLoops(graph, isCompletion),
    broken: feedMachine.provide({ guards: { mustWait: () => false } }),
  },
];

checkInvariants(
  'feed',
  feedMachine,
  {
    inputs: [undefined],
    stimuli: [
      ...stimuliIn(feedTable),
      event({ type: 'gate.changed', source: 'auth', blocker: 'needs-auth' }),
      event({ type: 'gate.changed', source: 'auth', blocker: null }),
    ],
    remember: ({ gates, asked, attempt, delayMs }: Context) => [gates, few(asked), few(attempt), delayMs > 0],
  },
  invariants,
);
