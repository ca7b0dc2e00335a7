import { leadershipMachine } from '../../../machines/index.ts';
import { stimuliOf } from '../support/stimulus.ts';
import { tableOf } from '../support/table.ts';

const { event } = stimuliOf<typeof leadershipMachine>();

export const leadershipTable = tableOf(leadershipMachine)({
  title: 'leadership',
  rules: 'G18',
  columns: {
    'lock.granted': { 'lock.granted': event({ type: 'lock.granted' }) },
    'lock.lost': { 'lock.lost': event({ type: 'lock.lost' }) },
  },
  reach: {
    candidate: [],
    leader: ['lock.granted'],
    deposed: ['lock.granted', 'lock.lost'],
  },
  cells: {
    candidate: {
      'lock.granted': ['leader', 'gate open'],
      'lock.lost': '-',
    },
    leader: {
      'lock.granted': '-',
      'lock.lost': ['deposed', 'gate not-leader'],
    },
    deposed: {
      'lock.granted': ['leader', 'gate open'],
      'lock.lost': '-',
    },
  },
});
