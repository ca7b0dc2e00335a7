import { assign, sendParent, setup, type PromiseActorLogic } from 'xstate';
import type { BackendFact } from './facts.ts';
import { changeGate, closedGates, mayListen, type GateChanged, type Gates } from './gates.ts';

/** What the `feed` machine is told. */
export type FeedEvent =
  | GateChanged
  /** Catch up: start, reconnect, focus, interval, poke, gap, or the app asked (S40). `now` cuts a back-off short. */
  | { type: 'feed.pull'; now?: true }
  /** The server's data has begun a new life (S39). */
  | { type: 'epoch.changed' };

/** How a catch-up ended. `stopped`: with the back-off that the pull drew. */
export type PullOutcome =
  | { type: 'caughtUp' }
  | { type: 'epochChanged' }
  | { type: 'stopped'; fact: BackendFact | null; delayMs: number };

/** What a catch-up starts with. */
export interface PullInput {
  /** Catch-ups in a row that failed. */
  attempt: number;
}

/** What the `feed` machine remembers. */
export interface FeedContext {
  gates: Gates;
  attempt: number;
  delayMs: number;
  /** Catch-ups asked for since the one under way began. */
  asked: number;
}

const crashDelayMs = 5_000;

/** When the change feeds are read. Cursors and pages are the feed's; this machine owns whether and when. */
export const feedMachine = setup({
  types: {
    context: {} as FeedContext,
    events: {} as FeedEvent,
  },
  actors: {
    /** Reads every followed collection from its cursor to the end. */
    pullChanges: {} as PromiseActorLogic<PullOutcome, PullInput>,
    /** Forgets cursors and server states of the life that ended. */
    resetReplica: {} as PromiseActorLogic<void>,
  },
  delays: {
    retryDelay: ({ context }) => context.delayMs,
  },
  guards: {
    mayPull: ({ context }) => mayListen(context.gates) && context.asked > 0,
    closed: ({ context }) => !mayListen(context.gates),
    mustWait: ({ context }) => mayListen(context.gates) && context.asked > 0 && context.delayMs > 0,
    isUrgent: (_, now: true | undefined) => now === true,
    askedAgain: ({ context }) => context.asked > 0,
    wasStopped: (_, outcome: PullOutcome) => outcome.type === 'stopped',
    hasNewEpoch: (_, outcome: PullOutcome) => outcome.type === 'epochChanged',
  },
  actions: {
    noteGate: assign(({ context }, event: GateChanged) => {
      const gates = changeGate(context.gates, event);
      const wentDeaf = mayListen(context.gates) && !mayListen(gates);
      return { gates, asked: wentDeaf ? context.asked + 1 : context.asked };
    }),
    noteAsked: assign({ asked: ({ context }) => context.asked + 1 }),
    beginRound: assign({ asked: 0, delayMs: 0 }),
    forgetFailures: assign({ attempt: 0, delayMs: 0 }),
    noteServed: assign({ delayMs: 0 }),
    noteStop: assign(({ context }, outcome: PullOutcome) =>
      outcome.type === 'stopped' ? { attempt: context.attempt + 1, delayMs: outcome.delayMs, asked: 1 } : {},
    ),
    /** Backends that disagree about the epoch would be read in a hot loop. */
    noteNewEpoch: assign({
      attempt: ({ context }) => context.attempt + 1,
      delayMs: ({ context }) => (context.attempt > 0 ? crashDelayMs : 0),
    }),
    noteCrash: assign({ attempt: ({ context }) => context.attempt + 1, delayMs: crashDelayMs, asked: 1 }),
    tellFact: sendParent((_, outcome: PullOutcome) =>
      outcome.type === 'stopped' && outcome.fact ? outcome.fact : { type: 'pull.ended' },
    ),
    tellBegan: sendParent({ type: 'pull.began' }),
    tellCaughtUp: sendParent({ type: 'feed.caughtUp' }),
  },
}).createMachine({
  id: 'feed',
  context: { gates: closedGates, attempt: 0, delayMs: 0, asked: 0 },
  initial: 'idle',
  on: {
    'gate.changed': { actions: { type: 'noteGate', params: ({ event }) => event } },
    'feed.pull': { actions: 'noteAsked' },
    'epoch.changed': { target: '.resetting' },
  },
  states: {
    idle: {
      always: [
        { guard: 'mustWait', target: 'backingOff' },
        { guard: 'mayPull', target: 'pulling' },
      ],
    },
    pulling: {
      entry: ['beginRound', 'tellBegan'],
      always: { guard: 'closed', target: 'idle' },
      invoke: {
        src: 'pullChanges',
        input: ({ context }) => ({ attempt: context.attempt }),
        onDone: [
          {
            guard: { type: 'wasStopped', params: ({ event }) => event.output },
            target: 'backingOff',
            actions: [
              { type: 'noteStop', params: ({ event }) => event.output },
              { type: 'tellFact', params: ({ event }) => event.output },
            ],
          },
          {
            guard: { type: 'hasNewEpoch', params: ({ event }) => event.output },
            target: 'resetting',
            actions: 'noteNewEpoch',
          },
          { guard: 'askedAgain', target: 'pulling', reenter: true, actions: ['forgetFailures', 'tellCaughtUp'] },
          { target: 'idle', actions: ['forgetFailures', 'tellCaughtUp'] },
        ],
        onError: { target: 'backingOff', actions: 'noteCrash' },
      },
    },
    resetting: {
      on: { 'epoch.changed': {} },
      invoke: {
        src: 'resetReplica',
        onDone: { target: 'idle', actions: 'noteAsked' },
        onError: { target: 'backingOff', actions: 'noteCrash' },
      },
    },
    backingOff: {
      after: { retryDelay: { target: 'idle', actions: 'noteServed' } },
      on: {
        'feed.pull': [
          {
            guard: { type: 'isUrgent', params: ({ event }) => event.now },
            target: 'idle',
            actions: ['noteAsked', 'noteServed'],
          },
          { actions: 'noteAsked' },
        ],
      },
    },
  },
});
