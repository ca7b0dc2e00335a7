import { describe, expect, test } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import {
  authMachine,
  connectivityMachine,
  leadershipMachine,
  mayListen,
  maySend,
  queueMachine,
  syncMachine,
  type Gates,
} from '../../machines/index.ts';
import {
  contextIn,
  exploreComposition,
  leafIn,
  of,
  wholesWithoutWay,
  type Cause,
  type Composition,
  type Whole,
  type WholeGraph,
} from './support/compose.ts';
import { rewire } from './support/invariant.ts';
import { stimuliOf, type Stimulus } from './support/stimulus.ts';

const sync = stimuliOf<typeof syncMachine>();
const connectivity = stimuliOf<typeof connectivityMachine>();
const auth = stimuliOf<typeof authMachine>();
const leadership = stimuliOf<typeof leadershipMachine>();
const queue = stimuliOf<typeof queueMachine>();

const isDraining = (whole: Whole): boolean => leafIn(whole, 'queue') === 'draining';
const generationIn = (whole: Whole): number => contextIn<{ generation: number }>(whole, 'auth').generation;

const gatesIn = (whole: Whole): Gates => contextIn<{ gates: Gates }>(whole, 'queue').gates;

/** What an answer to a request says of the token: of one that the queue sent, or one of the feed, which reads on while the queue may not send. */
const answered = (type: 'request.authorized' | 'request.unauthorized', generation: number): Cause[] => [
  {
    part: 'root',
    stimulus: sync.event({ type, generation, purpose: 'write' }),
    isPossible: (whole) => isDraining(whole) && generationIn(whole) === generation,
  },
  {
    part: 'root',
    stimulus: sync.event({ type, generation, purpose: 'read' }),
    isPossible: (whole) => mayListen(gatesIn(whole)) && generationIn(whole) === generation,
  },
];
const stopped = (type: 'backend.unreachable' | 'backend.intercepted'): Stimulus =>
  queue.done('drain', { type: 'stopped', fact: { type }, delayMs: 1_000, progressed: false });

/** Tokens are fetched anew at most so often: later generations are like the last. */
const generations = [0, 1];

const byApp = [{ type: 'app.pause' }, { type: 'app.resume' }, { type: 'auth.renew' }, { type: 'queue.drain' }] as const;

const causes: readonly Cause[] = [
  ...of('root', sync.done('hydrate', undefined), ...byApp.map((event) => sync.event(event))),
  ...of('root', sync.event({ type: 'network.online' }), sync.event({ type: 'network.offline' })),
  ...of('root', sync.event({ type: 'work.available' })),
  ...generations.flatMap((generation) => [
    ...answered('request.authorized', generation),
    ...answered('request.unauthorized', generation),
  ]),
  { part: 'root', stimulus: sync.event({ type: 'configuration.broken' }), isPossible: isDraining },
  ...of('connectivity', connectivity.done('probe', 'answered'), connectivity.done('probe', 'unreachable')),
  ...of('connectivity', connectivity.done('probe', 'intercepted'), connectivity.after('probeBackOff')),
  ...of('connectivity', connectivity.after('hintJitter'), connectivity.after('offlineRecheck')),
  ...of('auth', auth.done('refreshToken', undefined), auth.fail('refreshToken')),
  ...of('leadership', leadership.event({ type: 'lock.granted' }), leadership.event({ type: 'lock.lost' })),
  ...of('leadership', leadership.done('takeOver', undefined), leadership.fail('takeOver')),
  ...of('leadership', leadership.done('stepDown', undefined)),
  ...of('queue', queue.done('drain', { type: 'drained' }), queue.fail('drain'), queue.after('retryDelay')),
  ...of('queue', queue.done('drain', { type: 'deferred', fact: null, delayMs: 1_000 })),
  ...of('queue', stopped('backend.unreachable'), stopped('backend.intercepted')),
];

const appCauses: ReadonlySet<string> = new Set(byApp.map(({ type }) => `root ${type}`));

function compose(root: AnyStateMachine, canProbe: boolean): Composition {
  return {
    root,
    rootInput: { connectivity: { onLine: true, canProbe }, realTime: { transport: 'socket' } },
    children: {
      connectivity: [connectivityMachine, { onLine: true, canProbe }],
      auth: [authMachine, undefined],
      leadership: [leadershipMachine, undefined],
      queue: [queueMachine, undefined],
    },
    causes,
    keyOfWhole: (whole) => {
      const { gates, attempt, announced } = contextIn<{ gates: Gates; attempt: number; announced: number }>(
        whole,
        'queue',
      );
      const leaves = ['root', 'connectivity', 'auth', 'leadership', 'queue'].map((part) => leafIn(whole, part));
      const { refused } = contextIn<{ refused: string }>(whole, 'auth');
      const { onLine } = contextIn<{ onLine: boolean }>(whole, 'connectivity');
      const generation = Math.min(generationIn(whole), generations.length - 1);
      return JSON.stringify([
        leaves,
        gates,
        attempt > 0,
        isDraining(whole) && announced > 0,
        onLine,
        generation,
        refused,
      ]);
    },
    limit: 60_000,
  };
}

/** Whether the gates of the queue are those that its siblings stand for. */
function areGatesTold(whole: Whole): boolean {
  const gates = gatesIn(whole);
  const connected = leafIn(whole, 'connectivity');
  const lets = connected === 'online' || connected.endsWith('.listening');
  const isRefused = ['needsAuth', 'refreshing.renewing'].includes(leafIn(whole, 'auth'));
  return (
    (gates.connectivity === null) === lets &&
    (gates.auth !== null) === isRefused &&
    (gates.leadership === null) === (leafIn(whole, 'leadership') === 'leader')
  );
}

/** Only the app can open these again. */
function waitsForApp(whole: Whole): boolean {
  const gates = gatesIn(whole);
  return gates.app !== null || gates.configuration !== null || leafIn(whole, 'auth') === 'needsAuth';
}

const untold = ({ wholes }: WholeGraph): string[] =>
  [...wholes].flatMap(([key, whole]) => (areGatesTold(whole) ? [] : [key]));

const stuckAlone = (graph: WholeGraph): string[] => {
  const stuck = wholesWithoutWay(graph, isDraining, ({ cause }) => !appCauses.has(cause));
  return [...stuck].filter((key) => !waitsForApp(graph.wholes.get(key) as Whole));
};

describe.each([
  ['with a probe', true],
  ['without a probe', false],
])('sync, connectivity, auth, leadership and queue together, %s', (_title, canProbe) => {
  const graph = exploreComposition(compose(syncMachine, canProbe));

  test('G5 every combination of gates is reached', () => {
    process.stdout.write(`${graph.wholes.size} places, ${graph.edges.length} edges\n`);
    const combinations = new Set(
      [...graph.wholes.values()].map((whole) => {
        const gates = gatesIn(whole);
        return JSON.stringify(Object.values(gates).map((blocker) => blocker === null));
      }),
    );
    expect(combinations.size).toBe(32);
  });

  test('G5 the gates of the queue are those that its siblings stand for', () => {
    expect(untold(graph).slice(0, 3)).toEqual([]);
  });

  test('G5 the queue drains only while all of them are open', () => {
    const wrong = [...graph.wholes].filter(([, whole]) => isDraining(whole) && !maySend(gatesIn(whole)));
    expect(wrong.map(([key]) => key).slice(0, 3)).toEqual([]);
  });

  test('G5 every state leads to draining, and without the app unless it waits for the app', () => {
    expect([...wholesWithoutWay(graph, isDraining, () => true)].slice(0, 3)).toEqual([]);
    expect(stuckAlone(graph).slice(0, 3)).toEqual([]);
  });
});

test('G5 together: a root that does not pass the gates on, or a renewal, is caught', () => {
  const deaf = exploreComposition(compose(rewire(syncMachine, 'open', 'gate.changed', {}), true));
  expect(untold(deaf)).not.toHaveLength(0);
  expect(stuckAlone(deaf)).not.toHaveLength(0);
  const hard = exploreComposition(compose(rewire(syncMachine, 'open', 'auth.renew', {}), true));
  expect([...wholesWithoutWay(hard, isDraining, () => true)]).not.toHaveLength(0);
});
