import { leadershipMachine } from '../../machines/index.ts';
import { stimuliIn } from './support/explore.ts';
import {
  checkInvariants,
  edgesWhere,
  mutate,
  rewire,
  placesStaffedWrongly,
  placesWhere,
  placesWithoutWay,
  type Invariant,
} from './support/invariant.ts';
import { keyOf } from './support/stimulus.ts';
import { leadershipTable } from './tables/leadership.table.ts';

const invariants: readonly Invariant[] = [
  {
    title: 'G18 leadership: the gate is open exactly while the lock is held',
    violations: (graph) => placesWhere(graph, ({ leaf, told }) => (leaf === 'leader') !== (told === 'gate open')),
    broken: mutate(leadershipMachine, 'deposed', (state) => delete state['entry']),
  },
  {
    title: 'G18 leadership: the last word about the lock decides',
    violations: (graph) =>
      edgesWhere(graph, ({ to, cause }) => (keyOf(cause) === 'lock.granted') !== (to.leaf === 'leader')),
    broken: rewire(leadershipMachine, 'deposed', 'lock.granted', null),
  },
  {
    title: 'G18 leadership: every state leads to the lead',
    violations: (graph) =>
      placesWithoutWay(
        graph,
        ({ leaf }) => leaf === 'leader',
        () => true,
      ),
    broken: rewire(leadershipMachine, 'deposed', 'lock.granted', null),
  },
  {
    title: 'G18 leadership: the lock is held or waited for through every change, by one actor',
    violations: (graph) => placesStaffedWrongly(graph, () => ({ actors: ['holdLock'] })),
    broken: mutate(leadershipMachine, '', (config) => delete config['invoke']),
  },
];

checkInvariants(
  'leadership',
  leadershipMachine,
  {
    inputs: [undefined],
    stimuli: stimuliIn(leadershipTable),
    remember: () => null,
  },
  invariants,
);
