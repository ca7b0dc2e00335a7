import { mayListen, realTimeMachine } from '../../machines/index.ts';
import { few, stimuliIn, type Edge, type Place } from './support/explore.ts';
import {
  checkInvariants,
  edgesWhere,
  isCompletion,
  mutate,
  placesStaffedWrongly,
  placesWhere,
  placesWithoutWay,
  rewire,
  type Invariant,
} from './support/invariant.ts';
import { keyOf, stimuliOf } from './support/stimulus.ts';
import { realTimePollingTable, realTimeTable, realTimeUnsupportedTable } from './tables/real-time.table.ts';

const { event } = stimuliOf<typeof realTimeMachine>();
type Context = ReturnType<typeof realTimeMachine.getInitialSnapshot>['context'];

const contextOf = ({ snapshot }: Place) => snapshot.context as Context;
const listens = (place: Place) => mayListen(contextOf(place).gates);
const isConnected = ({ leaf }: Place) => leaf.startsWith('connected.');
const isBackingOff = ({ leaf }: Place) => leaf.startsWith('backingOff.');
const isOff = ({ leaf }: Place) => leaf === 'off' || leaf === 'backingOff.unwanted';
const opensGate = ({ event: { type, blocker } }: Edge) => type === 'gate.changed' && blocker === null;
const isUserEvent = (edge: Edge) => keyOf(edge.cause).startsWith('realTime.');
const goesOnAlone = (edge: Edge) =>
  isCompletion(edge) || edge.cause.kind === 'after' || opensGate(edge) || isFromTheSocket(edge);
const isFromTheSocket = ({ cause }: Edge) => ['socket.opened', 'pull.began', 'feed.caughtUp'].includes(keyOf(cause));

const invariants: readonly Invariant[] = [
  {
    title: 'S40 realTime: holds a socket exactly while connected, and only while it may listen',
    violations: (graph) => [
      ...placesWhere(graph, (place) => isConnected(place) && !listens(place)),
      ...placesWhere(graph, (place) => isConnected(place) !== place.actors.includes('openSocket')),
    ],
    broken: realTimeMachine.provide({ guards: { closed: () => false } }),
  },
  {
    title: 'S40 realTime: once enabled, every state leads to live without the app when the gates open',
    violations: (graph) => {
      const stuck = new Set(placesWithoutWay(graph, ({ leaf }) => leaf === 'connected.live', goesOnAlone));
      return placesWhere(
        graph,
        (place) => contextOf(place).transport === 'socket' && !isOff(place) && stuck.has(graph.keyOf(place)),
      );
    },
    broken: mutate(realTimeMachine, 'backingOff', (state) => delete state['after']),
  },
  {
    title: 'S40 realTime: only the app turns it on and off',
    violations: (graph) => edgesWhere(graph, (edge) => isOff(edge.from) !== isOff(edge.to) && !isUserEvent(edge)),
    broken: rewire(realTimeMachine, 'connected', 'socket.lost', { target: 'off' }),
  },
  {
    title: 'S40 realTime: turning it off works everywhere',
    violations: (graph) => edgesWhere(graph, ({ to, cause }) => keyOf(cause) === 'realTime.disable' && !isOff(to)),
    broken: rewire(realTimeMachine, 'connected', 'realTime.disable', {}),
  },
  {
    title: 'S40 realTime: live only after what was missed was asked for and fetched',
    violations: (graph) =>
      edgesWhere(
        graph,
        ({ from, to, cause }) =>
          (to.leaf === 'connected.live' &&
            from.leaf !== 'connected.live' &&
            (from.leaf !== 'connected.catchingUp.fetching' || keyOf(cause) !== 'feed.caughtUp')) ||
          (to.leaf === 'connected.catchingUp.asked' && from.leaf !== to.leaf && !to.sent.includes('feed.pull')) ||
          (to.leaf === 'connected.catchingUp.fetching' && from.leaf !== to.leaf && keyOf(cause) !== 'pull.began'),
      ),
    broken: rewire(realTimeMachine, 'connected.connecting', 'socket.opened', { target: 'live' }),
  },
  {
    title:
      'S43 realTime: a back-off ends by its timer only: neither a gate nor the app cuts it short or begins it anew',
    violations: (graph) =>
      edgesWhere(graph, ({ from, to, cause }) => isBackingOff(from) && !isBackingOff(to) && cause.kind !== 'after'),
    broken: mutate(
      realTimeMachine,
      'backingOff',
      (state) => (state['always'] = { guard: 'closed', target: 'waiting' }),
    ),
  },
  {
    title: 'S43 realTime: one timer in back-off and none elsewhere',
    violations: (graph) =>
      placesStaffedWrongly(graph, (leaf) => ({
        actors: leaf.startsWith('connected.') ? ['openSocket'] : leaf === 'polling' ? ['poll'] : [],
        timers: leaf.startsWith('backingOff.') ? 1 : 0,
      })),
    broken: mutate(realTimeMachine, 'waiting', (state) => (state['after'] = { retryDelay: {} })),
  },
];

checkInvariants(
  'realTime',
  realTimeMachine,
  {
    inputs: [{ transport: 'socket' }, { transport: 'polling' }, { transport: 'none' }],
    stimuli: [
      ...stimuliIn(realTimeTable, realTimePollingTable, realTimeUnsupportedTable),
      event({ type: 'gate.changed', source: 'auth', blocker: 'needs-auth' }),
      event({ type: 'gate.changed', source: 'auth', blocker: null }),
    ],
    remember: ({ transport, gates, attempt, hasBeenLive }: Context) => [transport, gates, few(attempt), hasBeenLive],
  },
  invariants,
);
