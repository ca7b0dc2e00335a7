import { connectivityMachine } from '../../machines/index.ts';
import { few, stimuliIn, type Edge, type Place } from './support/explore.ts';
import {
  checkInvariants,
  edgesWhere,
  isCompletion,
  mutate,
  rewire,
  placesOnLoops,
  placesStaffedWrongly,
  placesWhere,
  placesWithoutWay,
  type Invariant,
} from './support/invariant.ts';
import { keyOf } from './support/stimulus.ts';
import { connectivityTable, connectivityWithoutProbeTable } from './tables/connectivity.table.ts';

type Context = ReturnType<typeof connectivityMachine.getInitialSnapshot>['context'];

const isAnswer = ({ cause }: Edge) =>
  keyOf(cause) === 'backend.answered' || (cause.kind === 'done' && cause.output === 'answered');
const letsRequestsThrough = ({ told }: Place) => told === 'gate open';
const goesOnAlone = (edge: Edge) =>
  isCompletion(edge) || edge.cause.kind === 'after' || (isAnswer(edge) && letsRequestsThrough(edge.from));

function gateOf(leaf: string): string {
  if (leaf === 'online' || leaf.endsWith('.listening')) return 'gate open';
  return leaf.startsWith('captive') ? 'gate captive' : 'gate offline';
}

const invariants: readonly Invariant[] = [
  {
    title: 'S26 connectivity: online is reached by an answer of the backend and by nothing else',
    violations: (graph) =>
      edgesWhere(graph, (edge) => edge.to.leaf === 'online' && edge.from.leaf !== 'online' && !isAnswer(edge)),
    broken: rewire(connectivityMachine, '', 'network.online', { target: '.online' }),
  },
  {
    title: 'G5 connectivity: every state leads to online without the app and without the word of the platform',
    violations: (graph) => placesWithoutWay(graph, ({ leaf }) => leaf === 'online', goesOnAlone),
    broken: mutate(connectivityMachine, 'offline.resting', (state) => delete state['after']),
  },
  {
    title: 'S26 connectivity: the gate that was told of is the one of the state',
    violations: (graph) => placesWhere(graph, ({ leaf, told }) => told !== gateOf(leaf)),
    broken: mutate(connectivityMachine, 'captive', (state) => delete state['entry']),
  },
  {
    title: 'S43 connectivity: a hint of the platform starts no probe without jitter',
    violations: (graph) =>
      edgesWhere(
        graph,
        ({ from, to, cause }) =>
          keyOf(cause) === 'network.online' && to.leaf.endsWith('.probing') && from.leaf !== to.leaf,
      ),
    broken: rewire(connectivityMachine, 'offline', 'network.online', { target: 'connecting' }),
  },
  {
    title: 'S26 connectivity: a check never takes the place of a probe under way',
    violations: (graph) =>
      edgesWhere(
        graph,
        ({ from, cause, to }) =>
          keyOf(cause) === 'connectivity.check' &&
          from.actors.includes('probe') &&
          from.snapshot.children !== to.snapshot.children,
      ),
    broken: rewire(connectivityMachine, 'reconnecting.probing', 'connectivity.check', null),
  },
  {
    title: 'S43 connectivity: one probe while probing, one timer while jittering or resting, else neither',
    violations: (graph) =>
      placesStaffedWrongly(graph, (leaf) => ({
        actors: leaf.endsWith('.probing') ? ['probe'] : [],
        timers: leaf.endsWith('.jittering') || leaf.endsWith('.resting') ? 1 : 0,
      })),
    broken: mutate(connectivityMachine, 'online', (state) => (state['invoke'] = { src: 'probe' })),
  },
  {
    title: 'S43 connectivity: answers to probes alone never go round',
    violations: (graph) => placesOnLoops(graph, isCompletion),
    broken: mutate(connectivityMachine, 'captive.resting', (state) => (state['always'] = { target: 'probing' })),
  },
];

checkInvariants(
  'connectivity',
  connectivityMachine,
  {
    inputs: [
      { onLine: true, canProbe: true },
      { onLine: false, canProbe: true },
      { onLine: true, canProbe: false },
      { onLine: false, canProbe: false },
    ],
    stimuli: stimuliIn(connectivityTable, connectivityWithoutProbeTable),
    remember: ({ attempt, ...known }: Context) => [few(attempt), known],
  },
  invariants,
);
