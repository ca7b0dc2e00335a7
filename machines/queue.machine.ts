import { assign, sendParent, setup, type PromiseActorLogic } from 'xstate';
import type { BackendFact } from './facts.ts';
import { changeGate, closedGates, maySend, type GateChanged, type Gates } from './gates.ts';

/** What the `queue` machine is told. */
export type QueueEvent =
  | GateChanged
  /** Something can be sent that could not be before. */
  | { type: 'work.available' }
  /** Send now: back-off is cut short. */
  | { type: 'queue.drain' };

/**
 * How a drain ended. `stopped`: nothing gets through for now; `fact` says why, `delayMs` is the back-off that the drain
 * drew, `progressed` whether anything was acknowledged before. `deferred`: what is left waits for times of its own, the
 * first in `delayMs`; other work need not wait for it (G8).
 */
export type DrainOutcome =
  | { type: 'drained' }
  | { type: 'stopped'; fact: BackendFact | null; delayMs: number; progressed: boolean }
  | { type: 'deferred'; fact: BackendFact | null; delayMs: number };

/** What a drain starts with. */
export interface DrainInput {
  /** Drains in a row that got nothing through. */
  attempt: number;
}

/** What the `queue` machine remembers. */
export interface QueueContext {
  gates: Gates;
  attempt: number;
  delayMs: number;
  /** Work announced since the drain under way began: its end must look again. */
  announced: number;
}

const crashDelayMs = 5_000;

/**
 * When what is pending is sent. The operations themselves are in the outbox; this machine owns whether and when. While any
 * gate is closed nothing is sent; from every other state there is a way to `draining` without the user (G5).
 */
export const queueMachine = setup({
  types: {
    context: {} as QueueContext,
    events: {} as QueueEvent,
  },
  actors: {
    /** Sends until nothing is left that could be sent, or nothing gets through. */
    drain: {} as PromiseActorLogic<DrainOutcome, DrainInput>,
  },
  delays: {
    retryDelay: ({ context }) => context.delayMs,
  },
  guards: {
    allOpen: ({ context }) => maySend(context.gates),
    someClosed: ({ context }) => !maySend(context.gates),
    workArrived: ({ context }) => context.announced > 0,
    wasStopped: (_, outcome: DrainOutcome) => outcome.type === 'stopped',
    wasDeferred: ({ context }, outcome: DrainOutcome) => outcome.type === 'deferred' && context.announced === 0,
  },
  actions: {
    noteGate: assign({ gates: ({ context }, event: GateChanged) => changeGate(context.gates, event) }),
    noteWork: assign({ announced: ({ context }) => context.announced + 1 }),
    beginRound: assign({ announced: 0, delayMs: 0 }),
    forgetFailures: assign({ attempt: 0, delayMs: 0 }),
    noteStop: assign(({ context }, outcome: DrainOutcome) =>
      outcome.type === 'stopped'
        ? { attempt: outcome.progressed ? 1 : context.attempt + 1, delayMs: outcome.delayMs }
        : {},
    ),
    noteDeferral: assign((_, outcome: DrainOutcome) =>
      outcome.type === 'deferred' ? { attempt: 0, delayMs: outcome.delayMs } : {},
    ),
    noteCrash: assign({ attempt: ({ context }) => context.attempt + 1, delayMs: crashDelayMs }),
    tellFact: sendParent((_, outcome: DrainOutcome) =>
      outcome.type !== 'drained' && outcome.fact ? outcome.fact : { type: 'drain.ended' },
    ),
  },
}).createMachine({
  id: 'queue',
  context: { gates: closedGates, attempt: 0, delayMs: 0, announced: 0 },
  initial: 'waiting',
  on: {
    'gate.changed': { actions: { type: 'noteGate', params: ({ event }) => event } },
    'work.available': { actions: 'noteWork' },
  },
  states: {
    waiting: {
      always: { guard: 'allOpen', target: 'draining' },
    },
    idle: {
      always: { guard: 'someClosed', target: 'waiting' },
      on: {
        'work.available': { target: 'draining' },
        'queue.drain': { target: 'draining' },
      },
    },
    draining: {
      entry: 'beginRound',
      always: { guard: 'someClosed', target: 'waiting' },
      invoke: {
        src: 'drain',
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
            guard: { type: 'wasDeferred', params: ({ event }) => event.output },
            target: 'backingOff.deferred',
            actions: [
              { type: 'noteDeferral', params: ({ event }) => event.output },
              { type: 'tellFact', params: ({ event }) => event.output },
            ],
          },
          {
            guard: 'workArrived',
            target: 'draining',
            reenter: true,
            actions: ['forgetFailures', { type: 'tellFact', params: ({ event }) => event.output }],
          },
          {
            target: 'idle',
            actions: ['forgetFailures', { type: 'tellFact', params: ({ event }) => event.output }],
          },
        ],
        onError: { target: 'backingOff', actions: 'noteCrash' },
      },
    },
    backingOff: {
      after: { retryDelay: { target: 'waiting' } },
      on: {
        'queue.drain': { target: 'waiting' },
      },
      initial: 'held',
      states: {
        held: {},
        deferred: {
          always: { guard: 'someClosed', target: '#queue.waiting' },
          on: { 'work.available': { target: '#queue.draining' } },
        },
      },
    },
  },
});
