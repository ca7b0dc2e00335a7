import { maySend, queueMachine, type GateBlocker, type GateSource } from '../../machines/index.ts';
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
  rewire,
  type Invariant,
} from './support/invariant.ts';
import { keyOf, stimuliOf } from './support/stimulus.ts';
import { queueTable } from './tables/queue.table.ts';

const { event } = stimuliOf<typeof queueMachine>();
type Context = ReturnType<typeof queueMachine.getInitialSnapshot>['context'];

const blockers: readonly [GateSource, GateBlocker][] = [
  ['leadership', 'not-leader'],
  ['auth', 'needs-auth'],
  ['app', 'paused'],
];
const gates = blockers.flatMap(([source, blocker]) => [
  event({ type: 'gate.changed', source, blocker: null }),
  event({ type: 'gate.changed', source, blocker }),
]);

const contextOf = ({ snapshot }: Place) => snapshot.context as Context;
const isOpen = (place: Place) => maySend(contextOf(place).gates);
const opensGate = ({ event: { type, blocker } }: Edge) => type === 'gate.changed' && blocker === null;
const isFact = ({ from, cause }: Edge) => from.leaf === 'idle' && keyOf(cause) === 'work.available';
const goesOnAlone = (edge: Edge) => isCompletion(edge) || edge.cause.kind === 'after' || opensGate(edge);

const invariants: readonly Invariant[] = [
  {
    title: 'G5 queue: drains only while every gate is open',
    violations: (graph) => placesWhere(graph, (place) => place.leaf === 'draining' && !isOpen(place)),
    broken: queueMachine.provide({ guards: { someClosed: ({ context }) => context.gates.auth !== null } }),
  },
  {
    title: 'G5 queue: waits only while a gate is closed',
    violations: (graph) => placesWhere(graph, (place) => place.leaf === 'waiting' && isOpen(place)),
    broken: queueMachine.provide({
      guards: {
        allOpen: ({ context }) => context.attempt === 0 && maySend(context.gates),
      },
    }),
  },
  {
    title: 'G5 queue: every state leads to draining without the user once the gates open',
    violations: (graph) =>
      placesWithoutWay(
        graph,
        ({ leaf }) => leaf === 'draining',
        (edge) => goesOnAlone(edge) || isFact(edge),
      ),
    broken: mutate(queueMachine, 'backingOff', (state) => delete state['after']),
  },
  {
    title: 'G5 queue: work that arrives during a drain is looked at',
    violations: (graph) => [
      ...placesWhere(graph, (place) => place.leaf === 'idle' && contextOf(place).announced > 0),
      ...edgesWhere(
        graph,
        ({ from, to, cause }) => cause.kind === 'done' && contextOf(from).announced > 0 && to.leaf === 'idle',
      ),
    ],
    broken: queueMachine.provide({ guards: { workArrived: () => false } }),
  },
  {
    title: 'S43 queue: a back-off ends by its timer or by queue.drain: no gate cuts it short or begins it anew',
    violations: (graph) =>
      edgesWhere(
        graph,
        ({ from, to, cause }) =>
          (from.leaf === 'backingOff.held' &&
            to.leaf !== from.leaf &&
            !['after retryDelay', 'queue.drain'].includes(keyOf(cause))) ||
          (to.leaf === 'backingOff.held' && from.leaf !== to.leaf && !['done', 'fail'].includes(cause.kind)),
      ),
    broken: mutate(queueMachine, 'backingOff', (state) => {
      state['always'] = { guard: 'someClosed', target: 'waiting' };
    }),
  },
  {
    title: 'S43 queue: one timer in back-off and none elsewhere, one drain while draining and none elsewhere',
    violations: (graph) =>
      placesStaffedWrongly(graph, (leaf) => ({
        actors: leaf === 'draining' ? ['drain'] : [],
        timers: leaf.startsWith('backingOff.') ? 1 : 0,
      })),
    broken: mutate(queueMachine, '', (config) => (config['after'] = { retryDelay: {} })),
  },
  {
    title: 'G8 queue: new work waits for a back-off only when nothing gets through',
    violations: (graph) =>
      edgesWhere(
        graph,
        ({ from, to, cause }) =>
          keyOf(cause) === 'work.available' && from.leaf === 'backingOff.deferred' && to.leaf !== 'draining',
      ),
    broken: rewire(queueMachine, 'backingOff.deferred', 'work.available', null),
  },
  {
    title: 'S43 queue: the ends of drains alone never go round',
    violations: (graph) => placesOnLoops(graph, isCompletion),
    broken: queueMachine.provide({ guards: { workArrived: () => true } }),
  },
];

checkInvariants(
  'queue',
  queueMachine,
  {
    inputs: [undefined],
    stimuli: [...stimuliIn(queueTable), ...gates],
    remember: ({ gates: standing, attempt, announced }: Context) => [standing, few(attempt), few(announced)],
  },
  invariants,
);
