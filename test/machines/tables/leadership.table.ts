import { leadershipMachine } from '../../../machines/index.ts';
import { stimuliOf } from '../support/stimulus.ts';
import { tableOf } from '../support/table.ts';

const { event, done, fail } = stimuliOf<typeof leadershipMachine>();

export const leadershipTable = tableOf(leadershipMachine)({
  title: 'leadership',
  rules: 'G18',
  columns: {
    'lock.granted': { 'lock.granted': event({ type: 'lock.granted' }) },
    'lock.lost': { 'lock.lost': event({ type: 'lock.lost' }) },
    'done takeOver': { 'takeOver: done': done('takeOver', undefined) },
    'fail takeOver': { 'takeOver throws': fail('takeOver') },
    'done stepDown': { 'stepDown: done': done('stepDown', undefined) },
    'fail stepDown': { 'stepDown throws': fail('stepDown') },
  },
  reach: {
    follower: [],
    takingOver: ['lock.granted'],
    leader: ['lock.granted', 'takeOver: done'],
    deposed: ['lock.granted', 'takeOver: done', 'lock.lost'],
  },
  cells: {
    follower: {
      'lock.granted': 'takingOver',
      'lock.lost': '-',
      'takeOver: done': 'never',
      'takeOver throws': 'never',
      'stepDown: done': 'never',
      'stepDown throws': 'never',
    },
    takingOver: {
      'lock.granted': '-',
      'lock.lost': ['deposed', 'gate not-leader'],
      'takeOver: done': ['leader', 'gate open'],
      'takeOver throws': ['deposed', 'gate not-leader'],
      'stepDown: done': 'never',
      'stepDown throws': 'never',
    },
    leader: {
      'lock.granted': '-',
      'lock.lost': ['deposed', 'gate not-leader'],
      'takeOver: done': 'never',
      'takeOver throws': 'never',
      'stepDown: done': 'never',
      'stepDown throws': 'never',
    },
    deposed: {
      'lock.granted': 'takingOver',
      'lock.lost': '-',
      'takeOver: done': 'never',
      'takeOver throws': 'never',
      'stepDown: done': 'follower',
      'stepDown throws': 'follower',
    },
  },
});
