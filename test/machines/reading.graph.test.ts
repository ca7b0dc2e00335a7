import { expect, test } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import {
  authMachine,
  connectivityMachine,
  feedMachine,
  mayListen,
  realTimeMachine,
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
  type WholeEdge,
  type WholeGraph,
} from './support/compose.ts';
import { rewire } from './support/invariant.ts';
import { stimuliOf } from './support/stimulus.ts';

const sync = stimuliOf<typeof syncMachine>();
const connectivity = stimuliOf<typeof connectivityMachine>();
const auth = stimuliOf<typeof authMachine>();
const feed = stimuliOf<typeof feedMachine>();
const realTime = stimuliOf<typeof realTimeMachine>();

interface FeedContext {
  readonly gates: Gates;
  readonly asked: number;
  readonly attempt: number;
  readonly delayMs: number;
}

const isPulling = (whole: Whole): boolean => leafIn(whole, 'feed') === 'pulling';
const isConnected = (whole: Whole): boolean => leafIn(whole, 'realTime').startsWith('connected.');
const isLive = (whole: Whole): boolean => leafIn(whole, 'realTime') === 'connected.live';
const isOff = (whole: Whole): boolean => ['off', 'backingOff.unwanted'].includes(leafIn(whole, 'realTime'));
const feedIn = (whole: Whole) => contextIn<FeedContext>(whole, 'feed');
const generationIn = (whole: Whole): number => contextIn<{ generation: number }>(whole, 'auth').generation;

/** Tokens are fetched anew at most so often: later generations are like the last. */
const generations = [0, 1];

const answered = (type: 'request.authorized' | 'request.unauthorized', generation: number): Cause => ({
  part: 'root',
  stimulus: sync.event({ type, generation, purpose: 'read' }),
  isPossible: (whole) => isPulling(whole) && generationIn(whole) === generation,
});
const stopped = feed.done('pullChanges', { type: 'stopped', fact: { type: 'backend.unreachable' }, delayMs: 1_000 });

const byApp = [{ type: 'auth.renew' }, { type: 'realTime.enable' }, { type: 'realTime.disable' }] as const;
const asks = [{ type: 'page.resumed' }, { type: 'page.focused' }] as const;

const causes: readonly Cause[] = [
  ...of('root', sync.done('hydrate', undefined), ...[...byApp, ...asks].map((event) => sync.event(event))),
  ...of('root', sync.event({ type: 'network.online' }), sync.event({ type: 'network.offline' })),
  ...of('root', sync.event({ type: 'gate.changed', source: 'leadership', blocker: null })),
  ...of('root', sync.event({ type: 'gate.changed', source: 'leadership', blocker: 'not-leader' })),
  ...generations.flatMap((generation) => [
    answered('request.authorized', generation),
    answered('request.unauthorized', generation),
  ]),
  ...of('connectivity', connectivity.done('probe', 'answered'), connectivity.done('probe', 'unreachable')),
  ...of('connectivity', connectivity.done('probe', 'intercepted'), connectivity.after('probeBackOff')),
  ...of('connectivity', connectivity.after('hintJitter'), connectivity.after('offlineRecheck')),
  ...of('auth', auth.done('refreshToken', undefined), auth.fail('refreshToken')),
  ...of('feed', feed.done('pullChanges', { type: 'caughtUp' }), feed.done('pullChanges', { type: 'epochChanged' })),
  ...of('feed', stopped, feed.fail('pullChanges')),
  ...of('feed', feed.done('resetReplica', undefined), feed.after('retryDelay')),
  ...of('realTime', realTime.fail('openSocket'), realTime.after('retryDelay')),
  {
    part: 'realTime',
    stimulus: realTime.event({ type: 'socket.opened' }),
    isPossible: (whole) => leafIn(whole, 'realTime') === 'connected.connecting',
  },
  {
    part: 'realTime',
    stimulus: realTime.event({ type: 'socket.lost', fact: { type: 'backend.unreachable' }, delayMs: 1_000 }),
    isPossible: isConnected,
  },
];

const parts = ['root', 'connectivity', 'auth', 'feed', 'realTime'];

const compose = (root: AnyStateMachine): Composition => ({
  root,
  rootInput: { connectivity: { onLine: true, canProbe: true }, realTime: { transport: 'socket' } },
  children: {
    connectivity: [connectivityMachine, { onLine: true, canProbe: true }],
    auth: [authMachine, undefined],
    feed: [feedMachine, undefined],
    realTime: [realTimeMachine, { transport: 'socket' }],
  },
  causes,
  keyOfWhole: (whole) => {
    const { gates, asked, attempt, delayMs } = feedIn(whole);
    const { refused } = contextIn<{ refused: string }>(whole, 'auth');
    const { onLine } = contextIn<{ onLine: boolean }>(whole, 'connectivity');
    const generation = Math.min(generationIn(whole), generations.length - 1);
    const leaves = parts.map((part) => leafIn(whole, part));
    return JSON.stringify([leaves, gates, asked > 0, attempt > 0, delayMs > 0, onLine, generation, refused]);
  },
  limit: 60_000,
});

const unaided = new Set([...byApp, ...asks].map(({ type }) => `root ${type}`));
const goesOnAlone = ({ cause }: WholeEdge): boolean => !unaided.has(cause);
const waitsForApp = (whole: Whole): boolean => leafIn(whole, 'auth') === 'needsAuth';

/** Where the wish stands, and nothing but the app or another wish leads to what fulfils it. */
function unfulfilled(graph: WholeGraph, isWished: (whole: Whole) => boolean, isGoal: (whole: Whole) => boolean) {
  const stuck = wholesWithoutWay(graph, isGoal, goesOnAlone);
  return [...graph.wholes].flatMap(([key, whole]) =>
    stuck.has(key) && isWished(whole) && !waitsForApp(whole) ? [key] : [],
  );
}

const unread = (graph: WholeGraph) => unfulfilled(graph, (whole) => feedIn(whole).asked > 0, isPulling);
const unlive = (graph: WholeGraph) => unfulfilled(graph, (whole) => !isOff(whole), isLive);

const graph = exploreComposition(compose(syncMachine));

test('G5 S40 sync, connectivity, auth, feed and realTime together: reading and the socket only while they may', () => {
  process.stdout.write(`reading: ${graph.wholes.size} places, ${graph.edges.length} edges\n`);
  const wrong = [...graph.wholes].filter(
    ([, whole]) => (isPulling(whole) || isConnected(whole)) && !mayListen(feedIn(whole).gates),
  );
  expect(wrong.map(([key]) => key).slice(0, 3)).toEqual([]);
});

test('G5 S40 together: what was asked for is read, and without the app unless it waits for a token', () => {
  expect([...wholesWithoutWay(graph, isPulling, () => true)].slice(0, 3)).toEqual([]);
  expect(unread(graph).slice(0, 3)).toEqual([]);
});

test('G5 S40 together: what was turned on comes to be live, and without the app unless it waits for a token', () => {
  expect([...wholesWithoutWay(graph, isLive, () => true)].slice(0, 3)).toEqual([]);
  expect(unlive(graph).slice(0, 3)).toEqual([]);
});

test('G5 S40 together: a root that does not pass on the gates, or that a pull began, is caught', () => {
  const deaf = exploreComposition(compose(rewire(syncMachine, 'open', 'gate.changed', {})));
  expect(unread(deaf)).not.toHaveLength(0);
  const mute = exploreComposition(compose(rewire(syncMachine, 'open', 'pull.began', {})));
  expect(unlive(mute)).not.toHaveLength(0);
});
