import { syncMachine } from '../../machines/index.ts';
import { stimuliIn, type Edge } from './support/explore.ts';
import {
  checkInvariants,
  edgesWhere,
  isCompletion,
  mutate,
  placesOnLoops,
  placesStaffedWrongly,
  placesWithoutWay,
  rewire,
  type Invariant,
} from './support/invariant.ts';
import { keyOf } from './support/stimulus.ts';
import { syncTable } from './tables/sync.table.ts';

const siblings = ['auth', 'connectivity', 'entities', 'feed', 'queue', 'realTime', 'watchPlatform'];
const actorsOf: Readonly<Record<string, readonly string[]>> = {
  'open.hydrating': [...siblings, 'hydrate'].toSorted(),
  'open.running': [...siblings, 'leadership'].toSorted(),
  closing: ['shutDown'],
};
const isClosing = (edge: Edge) => isCompletion(edge) || keyOf(edge.cause) === 'service.close';
const tells = (edge: Edge, ...children: readonly string[]) =>
  children.every((child) => edge.to.sent.some((words) => words.startsWith(`${child}: `)));

const invariants: readonly Invariant[] = [
  {
    title: 'S15 sync: the lead is sought only once the local data is loaded, and everything ends with the close',
    violations: (graph) => placesStaffedWrongly(graph, (leaf) => ({ actors: actorsOf[leaf] ?? [] })),
    broken: mutate(syncMachine, 'open.hydrating', (state) => {
      state['invoke'] = [state['invoke'], { id: 'leadership', src: 'leadership' }];
    }),
  },
  {
    title: 'S24 sync: every state closes when it is told to',
    violations: (graph) => placesWithoutWay(graph, ({ leaf }) => leaf === 'closed', isClosing),
    broken: rewire(syncMachine, 'refused', 'service.close', null),
  },
  {
    title: 'G5 sync: while open, a gate that changes is told to queue, feed and real time',
    violations: (graph) =>
      edgesWhere(
        graph,
        (edge) =>
          keyOf(edge.cause) === 'gate.changed' &&
          edge.from.leaf.startsWith('open.') &&
          !tells(edge, 'queue', 'feed', 'realTime'),
      ),
    broken: rewire(syncMachine, 'open.running', 'gate.changed', {}),
  },
  {
    title: 'S23 sync: what wakes the queue checks the connection too',
    violations: (graph) =>
      edgesWhere(
        graph,
        (edge) =>
          ['queue.drain', 'page.resumed'].includes(keyOf(edge.cause)) &&
          edge.from.leaf.startsWith('open.') &&
          !tells(edge, 'queue', 'connectivity'),
      ),
    broken: rewire(syncMachine, 'open', 'queue.drain', { actions: 'tellQueue' }),
  },
  {
    title: 'S24 sync: nothing is sent to anyone once it closes',
    violations: (graph) => edgesWhere(graph, ({ from, to }) => !from.leaf.startsWith('open.') && to.sent.length > 0),
    broken: mutate(syncMachine, 'closing', (state) => {
      state['invoke'] = [state['invoke'], { id: 'queue', src: 'queue' }];
      state['on'] = { 'work.available': { actions: 'tellQueue' } };
    }),
  },
  {
    title: 'S24 sync: its own work never goes round without an event from outside',
    violations: (graph) => placesOnLoops(graph, isCompletion),
    broken: mutate(syncMachine, 'closing', (state) => {
      state['invoke'] = { src: 'shutDown', onError: { target: 'closing', reenter: true } };
    }),
  },
];

checkInvariants(
  'sync',
  syncMachine,
  {
    inputs: [{ connectivity: { onLine: true, canProbe: true }, realTime: { transport: 'socket' } }],
    stimuli: stimuliIn(syncTable),
    remember: () => null,
  },
  invariants,
);
