import { realTimeMachine } from '../../../machines/index.ts';
import { stimuliOf } from '../support/stimulus.ts';
import { tableOf } from '../support/table.ts';

const { event, fail, after } = stimuliOf<typeof realTimeMachine>();

const connected = event({ type: 'gate.changed', source: 'connectivity', blocker: null });
const disconnected = event({ type: 'gate.changed', source: 'connectivity', blocker: 'offline' });
const leading = event({ type: 'gate.changed', source: 'leadership', blocker: null });

const columns = {
  'gate.changed': {
    'the last gate opens': [connected, leading],
    'a gate closes': disconnected,
    'a gate closes and opens again': [disconnected, connected],
    'the app pauses': event({ type: 'gate.changed', source: 'app', blocker: 'paused' }),
  },
  'realTime.enable': { 'realTime.enable': event({ type: 'realTime.enable' }) },
  'realTime.disable': { 'realTime.disable': event({ type: 'realTime.disable' }) },
  'socket.opened': { 'socket.opened': event({ type: 'socket.opened' }) },
  'socket.lost': {
    'socket.lost': event({ type: 'socket.lost', fact: { type: 'backend.unreachable' }, delayMs: 100 }),
    'socket.lost, no fact': event({ type: 'socket.lost', fact: null, delayMs: 100 }),
  },
  'feed.caughtUp': { 'feed.caughtUp': event({ type: 'feed.caughtUp' }) },
  'fail openSocket': { 'openSocket throws': fail('openSocket') },
  'after retryDelay': {
    'after retryDelay': after('retryDelay'),
    'after retryDelay, while a gate is closed': [disconnected, after('retryDelay')],
  },
} as const;

type WithSocket =
  | 'waiting'
  | 'connected.connecting'
  | 'connected.catchingUp'
  | 'connected.live'
  | 'backingOff.wanted'
  | 'backingOff.unwanted';

export const realTimeTable = tableOf<typeof realTimeMachine, 'polling' | 'unsupported', 'fail openSocket'>(
  realTimeMachine,
  { transport: 'socket' },
)({
  title: 'realTime, with a socket',
  rules: 'S26 S40',
  columns,
  reach: {
    off: [],
    waiting: ['realTime.enable'],
    'connected.connecting': ['realTime.enable', 'the last gate opens'],
    'connected.catchingUp': ['realTime.enable', 'the last gate opens', 'socket.opened'],
    'connected.live': ['realTime.enable', 'the last gate opens', 'socket.opened', 'feed.caughtUp'],
    'backingOff.wanted': ['realTime.enable', 'the last gate opens', 'socket.lost'],
    'backingOff.unwanted': ['realTime.enable', 'the last gate opens', 'socket.lost', 'realTime.disable'],
  },
  cells: {
    off: {
      'the last gate opens': 'noted',
      'a gate closes': '-',
      'a gate closes and opens again': 'noted',
      'the app pauses': 'noted',
      'realTime.enable': 'waiting',
      'realTime.disable': '-',
      'socket.opened': '-',
      'socket.lost': '-',
      'socket.lost, no fact': '-',
      'feed.caughtUp': '-',
      'openSocket throws': 'never',
      'after retryDelay': 'never',
      'after retryDelay, while a gate is closed': 'never',
    },
    waiting: {
      'the last gate opens': 'connected.connecting',
      'a gate closes': '-',
      'a gate closes and opens again': 'noted',
      'the app pauses': 'noted',
      'realTime.enable': '-',
      'realTime.disable': 'off',
      'socket.opened': '-',
      'socket.lost': '-',
      'socket.lost, no fact': '-',
      'feed.caughtUp': '-',
      'openSocket throws': 'never',
      'after retryDelay': 'never',
      'after retryDelay, while a gate is closed': 'never',
    },
    'connected.connecting': {
      'the last gate opens': '-',
      'a gate closes': 'waiting',
      'a gate closes and opens again': 'connected.connecting',
      'the app pauses': 'noted',
      'realTime.enable': '-',
      'realTime.disable': 'off',
      'socket.opened': ['connected.catchingUp', 'backend.answered', 'feed.pull'],
      'socket.lost': ['backingOff.wanted', 'backend.unreachable'],
      'socket.lost, no fact': ['backingOff.wanted', 'socket.ended'],
      'feed.caughtUp': '-',
      'openSocket throws': 'backingOff.wanted',
      'after retryDelay': 'never',
      'after retryDelay, while a gate is closed': 'never',
    },
    'connected.catchingUp': {
      'the last gate opens': '-',
      'a gate closes': 'waiting',
      'a gate closes and opens again': 'connected.connecting',
      'the app pauses': 'noted',
      'realTime.enable': '-',
      'realTime.disable': 'off',
      'socket.opened': '-',
      'socket.lost': ['backingOff.wanted', 'backend.unreachable'],
      'socket.lost, no fact': ['backingOff.wanted', 'socket.ended'],
      'feed.caughtUp': 'connected.live',
      'openSocket throws': 'backingOff.wanted',
      'after retryDelay': 'never',
      'after retryDelay, while a gate is closed': 'never',
    },
    'connected.live': {
      'the last gate opens': '-',
      'a gate closes': 'waiting',
      'a gate closes and opens again': 'connected.connecting',
      'the app pauses': 'noted',
      'realTime.enable': '-',
      'realTime.disable': 'off',
      'socket.opened': '-',
      'socket.lost': ['backingOff.wanted', 'backend.unreachable'],
      'socket.lost, no fact': ['backingOff.wanted', 'socket.ended'],
      'feed.caughtUp': '-',
      'openSocket throws': 'backingOff.wanted',
      'after retryDelay': 'never',
      'after retryDelay, while a gate is closed': 'never',
    },
    'backingOff.wanted': {
      'the last gate opens': '-',
      'a gate closes': 'noted',
      'a gate closes and opens again': 'noted',
      'the app pauses': 'noted',
      'realTime.enable': '-',
      'realTime.disable': 'backingOff.unwanted',
      'socket.opened': '-',
      'socket.lost': '-',
      'socket.lost, no fact': '-',
      'feed.caughtUp': '-',
      'openSocket throws': 'never',
      'after retryDelay': 'connected.connecting',
      'after retryDelay, while a gate is closed': 'waiting',
    },
    'backingOff.unwanted': {
      'the last gate opens': '-',
      'a gate closes': 'noted',
      'a gate closes and opens again': 'noted',
      'the app pauses': 'noted',
      'realTime.enable': 'backingOff.wanted',
      'realTime.disable': '-',
      'socket.opened': '-',
      'socket.lost': '-',
      'socket.lost, no fact': '-',
      'feed.caughtUp': '-',
      'openSocket throws': 'never',
      'after retryDelay': 'off',
      'after retryDelay, while a gate is closed': 'off',
    },
  },
});

export const realTimePollingTable = tableOf<typeof realTimeMachine, WithSocket | 'unsupported', 'fail openSocket'>(
  realTimeMachine,
  { transport: 'polling' },
)({
  title: 'realTime, polling',
  rules: 'S40',
  columns,
  reach: { off: [], polling: ['realTime.enable'] },
  cells: {
    off: {
      'the last gate opens': 'noted',
      'a gate closes': '-',
      'a gate closes and opens again': 'noted',
      'the app pauses': 'noted',
      'realTime.enable': ['polling', 'feed.pull'],
      'realTime.disable': '-',
      'socket.opened': '-',
      'socket.lost': '-',
      'socket.lost, no fact': '-',
      'feed.caughtUp': '-',
      'openSocket throws': 'never',
      'after retryDelay': 'never',
      'after retryDelay, while a gate is closed': 'never',
    },
    polling: {
      'the last gate opens': 'noted',
      'a gate closes': '-',
      'a gate closes and opens again': 'noted',
      'the app pauses': 'noted',
      'realTime.enable': '-',
      'realTime.disable': 'off',
      'socket.opened': '-',
      'socket.lost': '-',
      'socket.lost, no fact': '-',
      'feed.caughtUp': '-',
      'openSocket throws': 'never',
      'after retryDelay': 'never',
      'after retryDelay, while a gate is closed': 'never',
    },
  },
});

export const realTimeUnsupportedTable = tableOf<typeof realTimeMachine, WithSocket | 'polling', 'fail openSocket'>(
  realTimeMachine,
  { transport: 'none' },
)({
  title: 'realTime, unsupported',
  rules: 'S40',
  columns,
  reach: { off: [], unsupported: ['realTime.enable'] },
  cells: {
    off: {
      'the last gate opens': 'noted',
      'a gate closes': '-',
      'a gate closes and opens again': 'noted',
      'the app pauses': 'noted',
      'realTime.enable': 'unsupported',
      'realTime.disable': '-',
      'socket.opened': '-',
      'socket.lost': '-',
      'socket.lost, no fact': '-',
      'feed.caughtUp': '-',
      'openSocket throws': 'never',
      'after retryDelay': 'never',
      'after retryDelay, while a gate is closed': 'never',
    },
    unsupported: {
      'the last gate opens': 'noted',
      'a gate closes': '-',
      'a gate closes and opens again': 'noted',
      'the app pauses': 'noted',
      'realTime.enable': '-',
      'realTime.disable': 'off',
      'socket.opened': '-',
      'socket.lost': '-',
      'socket.lost, no fact': '-',
      'feed.caughtUp': '-',
      'openSocket throws': 'never',
      'after retryDelay': 'never',
      'after retryDelay, while a gate is closed': 'never',
    },
  },
});
