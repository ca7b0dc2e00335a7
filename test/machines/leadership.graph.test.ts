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
    title: 'G18 leadership: the gate is open exactly while this tab leads',
    violations: (graph) => placesWhere(graph, ({ leaf, told }) => (leaf === 'leader') !== (told === 'gate open')),
    broken: mutate(leadershipMachine, 'deposed', (state) => delete state['entry']),
  },
  {
    title: 'G18 leadership: a lock that is lost ends the lead and the way to it',
    violations: (graph) =>
      edgesWhere(graph, ({ to, cause }) => keyOf(cause) === 'lock.lost' && ['leader', 'takingOver'].includes(to.leaf)),
    broken: rewire(leadershipMachine, 'takingOver', 'lock.lost', null),
  },
  {
    title: 'G18 leadership: nobody leads without having taken over',
    violations: (graph) =>
      edgesWhere(
        graph,
        ({ to, cause, from }) => to.leaf === 'leader' && from.leaf !== 'leader' && keyOf(cause) !== 'done takeOver',
      ),
    broken: rewire(leadershipMachine, 'follower', 'lock.granted', { target: 'leader' }),
  },
  {
    title: 'G18 leadership: every state leads to the lead',
    violations: (graph) =>
      placesWithoutWay(
        graph,
        ({ leaf }) => leaf === 'leader',
        () => true,
      ),
    broken: rewire(leadershipMachine, 'follower', 'lock.granted', null),
  },
  {
    title: 'G18 leadership: the lock is held or waited for through every change, by one actor',
    violations: (graph) =>
      placesStaffedWrongly(graph, (leaf) => ({
        actors: [
          'holdLock',
          ...(leaf === 'takingOver' ? ['takeOver'] : []),
          ...(leaf === 'deposed' ? ['stepDown'] : []),
        ],
      })),
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
