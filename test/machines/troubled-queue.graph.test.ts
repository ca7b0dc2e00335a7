import { describe, expect, test } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import { entityMachine, queueMachine, syncMachine, type Gates, type Trouble } from '../../machines/index.ts';
import {
  contextIn,
  exploreComposition,
  leafIn,
  of,
  wholesWithoutWay,
  type Cause,
  type Composition,
  type Delivery,
  type Whole,
  type WholeGraph,
} from './support/compose.ts';
import { mutate, rewire } from './support/invariant.ts';
import { stimuliOf, type Stimulus } from './support/stimulus.ts';

const sync = stimuliOf<typeof syncMachine>();
const entity = stimuliOf<typeof entityMachine>();
const queue = stimuliOf<typeof queueMachine>();

interface Machines {
  readonly root: AnyStateMachine;
  readonly queue: AnyStateMachine;
  readonly entity: AnyStateMachine;
}

const machines: Machines = { root: syncMachine, queue: queueMachine, entity: entityMachine };

const isDraining = (whole: Whole): boolean => leafIn(whole, 'queue') === 'draining';
const isSettled = (whole: Whole): boolean => leafIn(whole, 'entities') === 'settled';
const isAsking = (whole: Whole): boolean => leafIn(whole, 'entities').startsWith('probingOutcome.');

/** What was held back may be sent. */
const released: readonly Delivery[] = [{ part: 'root', event: { type: 'work.available' } }];
const releasing = (...stimuli: Stimulus[]): Cause[] =>
  stimuli.map((stimulus) => ({ part: 'entities', stimulus, also: released }));

const decisions = [{ type: 'decision.made' }, { type: 'refusal.lifted' }, { type: 'view.edited' }] as const;
const gates = (['connectivity', 'leadership'] as const).flatMap((source) => [
  sync.event({ type: 'gate.changed', source, blocker: null }),
  sync.event({ type: 'gate.changed', source, blocker: source === 'leadership' ? 'not-leader' : 'offline' }),
]);

const causes: readonly Cause[] = [
  ...of('root', ...gates),
  {
    part: 'root',
    stimulus: sync.event({
      type: 'entity.tell',
      collection: 'tasks',
      entityId: 't1',
      event: { type: 'outcome.ask' },
      trouble: 'unknown',
    }),
    isPossible: isDraining,
  },
  { part: 'queue', stimulus: queue.done('drain', { type: 'drained' }), isPossible: (whole) => !isAsking(whole) },
  {
    part: 'queue',
    stimulus: queue.done('drain', { type: 'deferred', fact: null, delayMs: 1_000 }),
    isPossible: isAsking,
  },
  ...of('queue', queue.done('drain', { type: 'stopped', fact: null, delayMs: 1_000, progressed: false })),
  ...of('queue', queue.fail('drain'), queue.after('retryDelay')),
  ...of('entities', entity.done('askOutcome', 'unreachable'), entity.fail('askOutcome')),
  ...of('entities', entity.done('askOutcome', 'conflicting')),
  ...releasing(entity.done('askOutcome', 'applied'), entity.done('askOutcome', 'notApplied')),
  ...of('entities', entity.done('resolveConflict', 'resolved'), entity.done('resolveConflict', 'undecided')),
  ...releasing(entity.done('resolveConflict', 'moot'), entity.done('recordResolution', undefined)),
  ...of('entities', entity.fail('resolveConflict'), entity.fail('recordResolution')),
  ...of('entities', entity.event({ type: 'base.moved' })),
  ...releasing(...decisions.map((event) => entity.event(event))),
];

const compose = (trouble: Trouble, made: Partial<Machines> = {}): Composition => {
  const { root, queue: sending, entity: troubled } = { ...machines, ...made };
  return {
    root,
    rootInput: { connectivity: { onLine: true, canProbe: true }, realTime: { transport: 'none' } },
    children: {
      queue: [sending, undefined],
      entities: [troubled, { collection: 'tasks', entityId: 't1', trouble }],
    },
    causes,
    keyOfWhole: (whole) => {
      const { gates: known, announced } = contextIn<{ gates: Gates; announced: number }>(whole, 'queue');
      const { asked, moved } = contextIn<{ asked: number; moved: number }>(whole, 'entities');
      const leaves = ['queue', 'entities'].map((part) => leafIn(whole, part));
      return JSON.stringify([leaves, known, announced > 0, asked > 0, moved > 0]);
    },
    limit: 10_000,
  };
};

const appCauses = new Set(decisions.map(({ type }) => `entities ${type}`));
const waitsForApp = (whole: Whole): boolean =>
  ['conflicted.awaitingDecision', 'parked'].includes(leafIn(whole, 'entities'));

/** Places from which what the entity held back is never sent, or only by a decision that nobody asked the app for. */
function stuckIn(graph: WholeGraph): string[] {
  const isSent = (whole: Whole): boolean => isSettled(whole) && isDraining(whole);
  const atAll = wholesWithoutWay(graph, isSent, () => true);
  const isAnswered = (whole: Whole): boolean => isSent(whole) || waitsForApp(whole);
  const alone = wholesWithoutWay(graph, isAnswered, ({ cause }) => !appCauses.has(cause));
  return [...new Set([...atAll, ...alone])].filter((key) => !isForgotten(graph.wholes.get(key) as Whole));
}

/** All was sent, and there is nothing left to do. */
const isForgotten = (whole: Whole): boolean => isSettled(whole) && leafIn(whole, 'queue') === 'idle';

describe.each(['unknown', 'conflict', 'parked'] as const)('an entity in trouble (%s) and the queue', (trouble) => {
  const graph = exploreComposition(compose(trouble));

  test('G5 G8 every state leads to where the entity is settled and the queue drains, without the app but for its decision', () => {
    process.stdout.write(`${trouble}: ${graph.wholes.size} places, ${graph.edges.length} edges\n`);
    expect(stuckIn(graph).slice(0, 3)).toEqual([]);
  });

  test('G5 whoever has settled is followed by a drain before the queue rests', () => {
    const unseen = graph.edges.filter(({ from, to }) => {
      const [before, after] = [graph.wholes.get(from) as Whole, graph.wholes.get(to) as Whole];
      return !isSettled(before) && isSettled(after) && leafIn(after, 'queue') === 'idle';
    });
    expect(unseen.slice(0, 3)).toEqual([]);
  });
});

test('G5 G8 together: an entity that is not asked again, a queue that does not come back, a root that tells neither, are caught', () => {
  const broken: readonly Partial<Machines>[] = [
    { entity: rewire(entityMachine, 'probingOutcome.resting', 'outcome.ask', null) },
    { queue: mutate(queueMachine, 'backingOff', (state) => delete state['after']) },
    { root: rewire(syncMachine, 'open', 'entity.tell', {}) },
  ];
  for (const made of broken) expect(stuckIn(exploreComposition(compose('unknown', made)))).not.toHaveLength(0);
});
