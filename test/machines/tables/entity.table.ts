import { entityMachine } from '../../../machines/index.ts';
import { stimuliOf } from '../support/stimulus.ts';
import { tableOf } from '../support/table.ts';

const { event, done, fail } = stimuliOf<typeof entityMachine>();

const baseMoved = event({ type: 'base.moved' });
const wayOpens = event({ type: 'outcome.ask' });
const unreachable = done('askOutcome', 'unreachable');

const columns = {
  'base.moved': { 'base.moved': baseMoved },
  'view.edited': { 'view.edited': event({ type: 'view.edited' }) },
  'conflict.found': { 'conflict.found': event({ type: 'conflict.found' }) },
  'request.refused': { 'request.refused': event({ type: 'request.refused' }) },
  'outcome.lost': { 'outcome.lost': event({ type: 'outcome.lost' }) },
  'outcome.ask': { 'outcome.ask': wayOpens },
  'decision.made': { 'decision.made': event({ type: 'decision.made' }) },
  'refusal.lifted': { 'refusal.lifted': event({ type: 'refusal.lifted' }) },
  'done resolveConflict': {
    'resolveConflict: resolved': done('resolveConflict', 'resolved'),
    'resolveConflict: undecided': done('resolveConflict', 'undecided'),
    'resolveConflict: moot': done('resolveConflict', 'moot'),
  },
  'fail resolveConflict': { 'resolveConflict throws': fail('resolveConflict') },
  'done recordResolution': { 'recordResolution: done': done('recordResolution', undefined) },
  'fail recordResolution': {
    'recordResolution throws': fail('recordResolution'),
    'recordResolution throws, while the base moved': [baseMoved, fail('recordResolution')],
  },
  'done askOutcome': {
    'askOutcome: applied': done('askOutcome', 'applied'),
    'askOutcome: notApplied': done('askOutcome', 'notApplied'),
    'askOutcome: conflicting': done('askOutcome', 'conflicting'),
    'askOutcome: unreachable': unreachable,
    'askOutcome: unreachable, while asked again': [wayOpens, unreachable],
  },
  'fail askOutcome': {
    'askOutcome throws': fail('askOutcome'),
    'askOutcome throws, while asked again': [wayOpens, fail('askOutcome')],
  },
} as const;

const withoutResolving = {
  'resolveConflict: resolved': 'never',
  'resolveConflict: undecided': 'never',
  'resolveConflict: moot': 'never',
  'resolveConflict throws': 'never',
} as const;

const withoutRecording = {
  'recordResolution: done': 'never',
  'recordResolution throws': 'never',
  'recordResolution throws, while the base moved': 'never',
} as const;

const withoutAsking = {
  'askOutcome: applied': 'never',
  'askOutcome: notApplied': 'never',
  'askOutcome: conflicting': 'never',
  'askOutcome: unreachable': 'never',
  'askOutcome: unreachable, while asked again': 'never',
  'askOutcome throws': 'never',
  'askOutcome throws, while asked again': 'never',
} as const;

export const entityTable = tableOf<typeof entityMachine, 'deciding'>(entityMachine, {
  collection: 'tasks',
  entityId: 't1',
  trouble: 'unknown',
})({
  title: 'entity',
  rules: 'S16 S27',
  columns,
  reach: {
    'probingOutcome.asking': [],
    'probingOutcome.resting': ['askOutcome: unreachable'],
    'conflicted.resolving': ['conflict.found'],
    'conflicted.awaitingDecision': ['conflict.found', 'resolveConflict: undecided'],
    'conflicted.recording': ['conflict.found', 'resolveConflict: resolved'],
    parked: ['request.refused'],
    settled: ['askOutcome: applied'],
  },
  cells: {
    'probingOutcome.asking': {
      'base.moved': '-',
      'view.edited': '-',
      'conflict.found': 'conflicted.resolving',
      'request.refused': 'parked',
      'outcome.lost': '-',
      'outcome.ask': 'noted',
      'decision.made': '-',
      'refusal.lifted': '-',
      ...withoutResolving,
      ...withoutRecording,
      'askOutcome: applied': 'settled',
      'askOutcome: notApplied': 'settled',
      'askOutcome: conflicting': 'conflicted.resolving',
      'askOutcome: unreachable': 'probingOutcome.resting',
      'askOutcome: unreachable, while asked again': 'again',
      'askOutcome throws': 'probingOutcome.resting',
      'askOutcome throws, while asked again': 'again',
    },
    'probingOutcome.resting': {
      'base.moved': '-',
      'view.edited': '-',
      'conflict.found': 'conflicted.resolving',
      'request.refused': 'parked',
      'outcome.lost': '-',
      'outcome.ask': 'probingOutcome.asking',
      'decision.made': '-',
      'refusal.lifted': '-',
      ...withoutResolving,
      ...withoutRecording,
      'askOutcome: applied': 'never',
      'askOutcome: notApplied': 'never',
      'askOutcome: conflicting': 'never',
      'askOutcome: unreachable': 'never',
      'askOutcome: unreachable, while asked again': 'probingOutcome.resting',
      'askOutcome throws': 'never',
      'askOutcome throws, while asked again': 'probingOutcome.resting',
    },
    'conflicted.resolving': {
      'base.moved': 'again',
      'view.edited': 'again',
      'conflict.found': 'again',
      'request.refused': 'parked',
      'outcome.lost': '-',
      'outcome.ask': '-',
      'decision.made': 'conflicted.recording',
      'refusal.lifted': '-',
      'resolveConflict: resolved': 'conflicted.recording',
      'resolveConflict: undecided': 'conflicted.awaitingDecision',
      'resolveConflict: moot': 'settled',
      'resolveConflict throws': 'conflicted.awaitingDecision',
      ...withoutRecording,
      ...withoutAsking,
    },
    'conflicted.awaitingDecision': {
      'base.moved': 'conflicted.resolving',
      'view.edited': 'conflicted.resolving',
      'conflict.found': 'conflicted.resolving',
      'request.refused': 'parked',
      'outcome.lost': '-',
      'outcome.ask': '-',
      'decision.made': 'conflicted.recording',
      'refusal.lifted': '-',
      ...withoutResolving,
      ...withoutRecording,
      ...withoutAsking,
    },
    'conflicted.recording': {
      'base.moved': 'noted',
      'view.edited': 'noted',
      'conflict.found': 'conflicted.resolving',
      'request.refused': 'parked',
      'outcome.lost': '-',
      'outcome.ask': '-',
      'decision.made': '-',
      'refusal.lifted': '-',
      ...withoutResolving,
      'recordResolution: done': 'settled',
      'recordResolution throws': 'conflicted.awaitingDecision',
      'recordResolution throws, while the base moved': 'conflicted.resolving',
      ...withoutAsking,
    },
    parked: {
      'base.moved': '-',
      'view.edited': 'settled',
      'conflict.found': 'conflicted.resolving',
      'request.refused': '-',
      'outcome.lost': '-',
      'outcome.ask': '-',
      'decision.made': '-',
      'refusal.lifted': 'settled',
      ...withoutResolving,
      ...withoutRecording,
      ...withoutAsking,
    },
    settled: {
      'base.moved': 'never',
      'view.edited': 'never',
      'conflict.found': 'never',
      'request.refused': 'never',
      'outcome.lost': 'never',
      'outcome.ask': 'never',
      'decision.made': 'never',
      'refusal.lifted': 'never',
      ...withoutResolving,
      ...withoutRecording,
      ...withoutAsking,
    },
  },
});
