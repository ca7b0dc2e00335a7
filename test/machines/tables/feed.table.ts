import { feedMachine } from '../../../machines/index.ts';
import { stimuliOf } from '../support/stimulus.ts';
import { tableOf } from '../support/table.ts';

const { event, done, fail, after } = stimuliOf<typeof feedMachine>();

const connected = event({ type: 'gate.changed', source: 'connectivity', blocker: null });
const disconnected = event({ type: 'gate.changed', source: 'connectivity', blocker: 'offline' });
const leading = event({ type: 'gate.changed', source: 'leadership', blocker: null });
const pull = event({ type: 'feed.pull' });
const pullNow = event({ type: 'feed.pull', now: true });
const caughtUp = done('pullChanges', { type: 'caughtUp' });
const newEpoch = done('pullChanges', { type: 'epochChanged' });
const wasReset = done('resetReplica', undefined);

export const feedTable = tableOf(feedMachine)({
  title: 'feed',
  rules: 'S39 S40 S43',
  columns: {
    'gate.changed': {
      'the last gate opens': [connected, leading],
      'a gate closes': disconnected,
      'a gate closes and opens again': [disconnected, connected],
      'the app pauses': event({ type: 'gate.changed', source: 'app', blocker: 'paused' }),
    },
    'feed.pull': {
      'feed.pull': pull,
      'feed.pull now': pullNow,
      'feed.pull now, while a gate is closed': [disconnected, pullNow],
    },
    'epoch.changed': { 'epoch.changed': event({ type: 'epoch.changed' }) },
    'done pullChanges': {
      'pullChanges: caughtUp': caughtUp,
      'pullChanges: caughtUp, while asked again': [pull, caughtUp],
      'pullChanges: epochChanged': newEpoch,
      'pullChanges: stopped': done('pullChanges', {
        type: 'stopped',
        fact: { type: 'backend.unreachable' },
        delayMs: 100,
      }),
      'pullChanges: stopped, no fact': done('pullChanges', { type: 'stopped', fact: null, delayMs: 100 }),
    },
    'fail pullChanges': { 'pullChanges throws': fail('pullChanges') },
    'done resetReplica': {
      'resetReplica: done': wasReset,
      'resetReplica: done, twice in a row': [wasReset, newEpoch, wasReset],
    },
    'fail resetReplica': { 'resetReplica throws': fail('resetReplica') },
    'after retryDelay': {
      'after retryDelay': after('retryDelay'),
      'after retryDelay, while a gate is closed': [disconnected, after('retryDelay')],
    },
  },
  reach: {
    idle: [],
    pulling: ['feed.pull', 'the last gate opens'],
    resetting: ['feed.pull', 'the last gate opens', 'pullChanges: epochChanged'],
    backingOff: ['feed.pull', 'the last gate opens', 'pullChanges: stopped'],
  },
  cells: {
    idle: {
      'the last gate opens': 'noted',
      'a gate closes': '-',
      'a gate closes and opens again': 'noted',
      'the app pauses': 'noted',
      'feed.pull': 'noted',
      'feed.pull now': 'noted',
      'feed.pull now, while a gate is closed': 'noted',
      'epoch.changed': 'resetting',
      'pullChanges: caughtUp': 'never',
      'pullChanges: caughtUp, while asked again': 'never',
      'pullChanges: epochChanged': 'never',
      'pullChanges: stopped': 'never',
      'pullChanges: stopped, no fact': 'never',
      'pullChanges throws': 'never',
      'resetReplica: done': 'never',
      'resetReplica: done, twice in a row': 'never',
      'resetReplica throws': 'never',
      'after retryDelay': 'never',
      'after retryDelay, while a gate is closed': 'never',
    },
    pulling: {
      'the last gate opens': '-',
      'a gate closes': 'idle',
      'a gate closes and opens again': ['pulling', 'pull.began'],
      'the app pauses': 'noted',
      'feed.pull': 'noted',
      'feed.pull now': 'noted',
      'feed.pull now, while a gate is closed': 'noted',
      'epoch.changed': 'resetting',
      'pullChanges: caughtUp': ['idle', 'feed.caughtUp'],
      'pullChanges: caughtUp, while asked again': ['again', 'feed.caughtUp', 'pull.began'],
      'pullChanges: epochChanged': 'resetting',
      'pullChanges: stopped': ['backingOff', 'backend.unreachable'],
      'pullChanges: stopped, no fact': ['backingOff', 'pull.ended'],
      'pullChanges throws': 'backingOff',
      'resetReplica: done': 'never',
      'resetReplica: done, twice in a row': 'never',
      'resetReplica throws': 'never',
      'after retryDelay': 'never',
      'after retryDelay, while a gate is closed': 'never',
    },
    resetting: {
      'the last gate opens': '-',
      'a gate closes': 'noted',
      'a gate closes and opens again': 'noted',
      'the app pauses': 'noted',
      'feed.pull': 'noted',
      'feed.pull now': 'noted',
      'feed.pull now, while a gate is closed': 'noted',
      'epoch.changed': '-',
      'pullChanges: caughtUp': 'never',
      'pullChanges: caughtUp, while asked again': 'never',
      'pullChanges: epochChanged': 'never',
      'pullChanges: stopped': 'never',
      'pullChanges: stopped, no fact': 'never',
      'pullChanges throws': 'never',
      'resetReplica: done': ['pulling', 'pull.began'],
      'resetReplica: done, twice in a row': 'backingOff',
      'resetReplica throws': 'backingOff',
      'after retryDelay': 'never',
      'after retryDelay, while a gate is closed': 'never',
    },
    backingOff: {
      'the last gate opens': '-',
      'a gate closes': 'noted',
      'a gate closes and opens again': 'noted',
      'the app pauses': 'noted',
      'feed.pull': 'noted',
      'feed.pull now': ['pulling', 'pull.began'],
      'feed.pull now, while a gate is closed': 'idle',
      'epoch.changed': 'resetting',
      'pullChanges: caughtUp': 'never',
      'pullChanges: caughtUp, while asked again': 'never',
      'pullChanges: epochChanged': 'never',
      'pullChanges: stopped': 'never',
      'pullChanges: stopped, no fact': 'never',
      'pullChanges throws': 'never',
      'resetReplica: done': 'never',
      'resetReplica: done, twice in a row': 'never',
      'resetReplica throws': 'never',
      'after retryDelay': ['pulling', 'pull.began'],
      'after retryDelay, while a gate is closed': 'idle',
    },
  },
});
