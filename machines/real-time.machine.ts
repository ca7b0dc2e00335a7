import { assign, sendParent, setup, stateIn, type CallbackActorLogic, type NonReducibleUnknown } from 'xstate';
import type { BackendFact } from './facts.ts';
import { changeGate, closedGates, mayListen, type GateChanged, type Gates } from './gates.ts';

/** What the `realTime` machine is told. */
export type RealTimeEvent =
  | GateChanged
  | { type: 'realTime.enable' }
  | { type: 'realTime.disable' }
  /** The session is authenticated and its channels are followed. */
  | { type: 'socket.opened' }
  /** The connection is gone; the back-off was drawn by whoever held it. */
  | { type: 'socket.lost'; fact: BackendFact | null; delayMs: number }
  /** The feed is being read from now on. */
  | { type: 'pull.began' }
  /** The feed was read to its end: what there was when the reading began is here. */
  | { type: 'feed.caughtUp' };

/** What a connection starts with. */
export interface SocketInput {
  /** Connections in a row that were lost before they were live. */
  attempt: number;
}

/** What the `realTime` machine starts with. */
export interface RealTimeInput {
  /** `polling`: no socket, but a change feed. `none`: neither. */
  transport: 'socket' | 'polling' | 'none';
}

/** What the `realTime` machine remembers. */
export interface RealTimeContext extends RealTimeInput {
  gates: Gates;
  attempt: number;
  delayMs: number;
  hasBeenLive: boolean;
}

const crashDelayMs = 5_000;

/**
 * The real-time connection. `openSocket` holds one connection for as long as the machine is in `connected`; leaving closes
 * it. Frames do not pass through here: they go to the feed in batches.
 */
export const realTimeMachine = setup({
  types: {
    context: {} as RealTimeContext,
    events: {} as RealTimeEvent,
    input: {} as RealTimeInput,
  },
  actors: {
    openSocket: {} as CallbackActorLogic<RealTimeEvent, SocketInput>,
    /** Asks for a catch-up in regular intervals. */
    poll: {} as CallbackActorLogic<RealTimeEvent, NonReducibleUnknown>,
  },
  delays: {
    retryDelay: ({ context }) => context.delayMs,
  },
  guards: {
    open: ({ context }) => mayListen(context.gates),
    closed: ({ context }) => !mayListen(context.gates),
    hasSocket: ({ context }) => context.transport === 'socket',
    canPoll: ({ context }) => context.transport === 'polling',
  },
  actions: {
    noteGate: assign({ gates: ({ context }, event: GateChanged) => changeGate(context.gates, event) }),
    noteLoss: assign({
      attempt: ({ context }) => context.attempt + 1,
      delayMs: (_, event: { delayMs: number }) => event.delayMs,
    }),
    noteCrash: assign({ attempt: ({ context }) => context.attempt + 1, delayMs: crashDelayMs }),
    noteLive: assign({ attempt: 0, hasBeenLive: true }),
    tellFact: sendParent((_, event: { fact: BackendFact | null }) => event.fact ?? { type: 'socket.ended' }),
    tellAnswered: sendParent({ type: 'backend.answered' }),
    askToCatchUp: sendParent({ type: 'feed.pull' }),
  },
}).createMachine({
  id: 'realTime',
  context: ({ input }) => ({ ...input, gates: closedGates, attempt: 0, delayMs: 0, hasBeenLive: false }),
  initial: 'off',
  on: {
    'gate.changed': { actions: { type: 'noteGate', params: ({ event }) => event } },
    'realTime.disable': { target: '.off' },
  },
  states: {
    off: {
      on: {
        'realTime.enable': [
          { guard: 'hasSocket', target: 'waiting' },
          { guard: 'canPoll', target: 'polling' },
          { target: 'unsupported' },
        ],
      },
    },
    unsupported: {},
    polling: { entry: 'askToCatchUp', invoke: { src: 'poll' } },
    waiting: {
      always: { guard: 'open', target: 'connected' },
    },
    connected: {
      always: { guard: 'closed', target: 'waiting' },
      invoke: {
        src: 'openSocket',
        input: ({ context }) => ({ attempt: context.attempt }),
        onError: { target: 'backingOff', actions: 'noteCrash' },
      },
      on: {
        'socket.lost': {
          target: 'backingOff',
          actions: [
            { type: 'noteLoss', params: ({ event }) => event },
            { type: 'tellFact', params: ({ event }) => event },
          ],
        },
      },
      initial: 'connecting',
      states: {
        connecting: { on: { 'socket.opened': { target: 'catchingUp', actions: 'tellAnswered' } } },
        catchingUp: {
          entry: 'askToCatchUp',
          initial: 'asked',
          states: {
            asked: { on: { 'pull.began': { target: 'fetching' } } },
            fetching: { on: { 'feed.caughtUp': { target: '#live' } } },
          },
        },
        live: { id: 'live', entry: 'noteLive' },
      },
    },
    backingOff: {
      after: { retryDelay: [{ guard: stateIn('#unwanted'), target: 'off' }, { target: 'waiting' }] },
      initial: 'wanted',
      states: {
        wanted: { on: { 'realTime.disable': { target: 'unwanted' } } },
        unwanted: { id: 'unwanted', on: { 'realTime.enable': { target: 'wanted' }, 'realTime.disable': {} } },
      },
    },
  },
});
