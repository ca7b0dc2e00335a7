import { queueMachine } from '../../../machines/index.ts';
import { stimuliOf } from '../support/stimulus.ts';
import { tableOf } from '../support/table.ts';

const { event, done, fail, after } = stimuliOf<typeof queueMachine>();

const connected = event({ type: 'gate.changed', source: 'connectivity', blocker: null });
const leading = event({ type: 'gate.changed', source: 'leadership', blocker: null });
const disconnected = event({ type: 'gate.changed', source: 'connectivity', blocker: 'offline' });
const drained = done('drain', { type: 'drained' });
const work = event({ type: 'work.available' });

export const queueTable = tableOf(queueMachine)({
  title: 'queue',
  rules: 'G5 S23 S43',
  columns: {
    'gate.changed': {
      'a gate opens': connected,
      'the last gate opens': [connected, leading],
      'a gate closes': disconnected,
      'a gate closes and opens again': [disconnected, connected],
    },
    'work.available': { 'work.available': work },
    'queue.drain': { 'queue.drain': event({ type: 'queue.drain' }) },
    'done drain': {
      'drain: drained': drained,
      'drain: drained, while work arrived': [work, drained],
      'drain: stopped': done('drain', {
        type: 'stopped',
        fact: { type: 'backend.unreachable' },
        delayMs: 100,
        progressed: false,
      }),
      'drain: stopped, no fact': done('drain', { type: 'stopped', fact: null, delayMs: 100, progressed: true }),
    },
    'fail drain': { 'drain throws': fail('drain') },
    'after retryDelay': { 'after retryDelay': after('retryDelay') },
  },
  reach: {
    waiting: [],
    draining: ['the last gate opens'],
    idle: ['the last gate opens', 'drain: drained'],
    backingOff: ['the last gate opens', 'drain: stopped'],
  },
  cells: {
    waiting: {
      'a gate opens': 'noted',
      'the last gate opens': 'draining',
      'a gate closes': '-',
      'a gate closes and opens again': 'noted',
      'work.available': 'noted',
      'queue.drain': '-',
      'drain: drained': 'never',
      'drain: drained, while work arrived': 'never',
      'drain: stopped': 'never',
      'drain: stopped, no fact': 'never',
      'drain throws': 'never',
      'after retryDelay': 'never',
    },
    draining: {
      'a gate opens': '-',
      'the last gate opens': '-',
      'a gate closes': 'waiting',
      'a gate closes and opens again': 'draining',
      'work.available': 'noted',
      'queue.drain': '-',
      'drain: drained': ['idle', 'drain.ended'],
      'drain: drained, while work arrived': 'again',
      'drain: stopped': ['backingOff', 'backend.unreachable'],
      'drain: stopped, no fact': ['backingOff', 'drain.ended'],
      'drain throws': 'backingOff',
      'after retryDelay': 'never',
    },
    idle: {
      'a gate opens': '-',
      'the last gate opens': '-',
      'a gate closes': 'waiting',
      'a gate closes and opens again': 'draining',
      'work.available': 'draining',
      'queue.drain': 'draining',
      'drain: drained': 'never',
      'drain: drained, while work arrived': ['idle', 'drain.ended'],
      'drain: stopped': 'never',
      'drain: stopped, no fact': 'never',
      'drain throws': 'never',
      'after retryDelay': 'never',
    },
    backingOff: {
      'a gate opens': '-',
      'the last gate opens': '-',
      'a gate closes': 'waiting',
      'a gate closes and opens again': 'backingOff',
      'work.available': 'noted',
      'queue.drain': 'draining',
      'drain: drained': 'never',
      'drain: drained, while work arrived': 'never',
      'drain: stopped': 'never',
      'drain: stopped, no fact': 'never',
      'drain throws': 'never',
      'after retryDelay': 'draining',
    },
  },
});
