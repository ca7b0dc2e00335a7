import { assign, setup, stateIn, type PromiseActorLogic } from 'xstate';

/** How a session ends: a close code of RFC 6455 or of the protocol; null: cut off without a word. */
export type SessionCloseCode = 1001 | 1003 | 1013 | 4400 | 4401 | 4403 | 4408 | 4409 | 4429 | null;

/** What a session hears. */
export type SessionEvent =
  /** The client has said hello; what is left to do is the server's. */
  | { type: 'hello.received' }
  /** The `hello` was accepted, and its channels are followed. */
  | { type: 'session.admitted' }
  /** A collection has new changes. */
  | { type: 'feed.grew' }
  /** A channel was added, which may lie behind the others. */
  | { type: 'channel.added' }
  /** What waited in the socket has been sent. */
  | { type: 'socket.drained' }
  /** The connection is gone. */
  | { type: 'socket.closed' }
  | { type: 'session.end'; code: SessionCloseCode };

/** `reached`: the receiver has been sent everything; `lagging`: it reads too slowly, and was told to fetch. */
export type CatchUpResult = 'reached' | 'lagging';

/** What a session remembers: the code it ends with. */
export interface SessionContext {
  code: SessionCloseCode;
}

/**
 * One socket of the server. Data always comes from the feed: `live` means that everything in it has been sent, and any
 * news leads back to `catchingUp`. Frames, tokens and cursors stay outside and never pass through here.
 */
export const sessionMachine = setup({
  types: {
    context: {} as SessionContext,
    events: {} as SessionEvent,
  },
  actors: {
    /** Sends what the feed holds and the receiver has not got. */
    sendMissed: {} as PromiseActorLogic<CatchUpResult>,
  },
  guards: {
    isLagging: (_, result: CatchUpResult) => result === 'lagging',
  },
  actions: {
    noteCode: assign({ code: (_, code: SessionCloseCode) => code }),
    /** Begins the closing handshake, or cuts off when the code is null. */
    closeSocket: (_actor, _code: SessionCloseCode) => {},
    cutOffSocket: () => {},
  },
  delays: {
    helloLimit: 5_000,
    lagLimit: 30_000,
    closeLimit: 5_000,
  },
}).createMachine({
  id: 'session',
  context: { code: 1001 },
  initial: 'awaitingHello',
  on: {
    'session.end': { target: '.closing', actions: { type: 'noteCode', params: ({ event }) => event.code } },
    'socket.closed': { target: '.ended' },
  },
  states: {
    awaitingHello: {
      on: { 'hello.received': { target: 'admitting' } },
      after: { helloLimit: { target: 'closing', actions: { type: 'noteCode', params: 4408 } } },
    },
    admitting: {
      on: { 'session.admitted': { target: 'catchingUp' } },
    },
    catchingUp: {
      initial: 'sending',
      states: {
        sending: {
          invoke: {
            src: 'sendMissed',
            onDone: [
              { guard: { type: 'isLagging', params: ({ event }) => event.output }, target: 'lagging' },
              { guard: stateIn('#behind'), target: 'sending', reenter: true },
              { target: '#session.live' },
            ],
            onError: { target: '#session.closing', actions: { type: 'noteCode', params: 1013 } },
          },
          initial: 'upToDate',
          states: {
            upToDate: { on: { 'feed.grew': { target: 'behind' }, 'channel.added': { target: 'behind' } } },
            behind: { id: 'behind' },
          },
        },
        lagging: {
          on: { 'socket.drained': { target: 'sending' } },
          after: { lagLimit: { target: '#session.closing', actions: { type: 'noteCode', params: null } } },
        },
      },
    },
    live: {
      on: { 'feed.grew': { target: 'catchingUp' }, 'channel.added': { target: 'catchingUp' } },
    },
    closing: {
      entry: { type: 'closeSocket', params: ({ context }) => context.code },
      after: { closeLimit: { target: 'ended', actions: 'cutOffSocket' } },
      on: { 'session.end': {} },
    },
    ended: { type: 'final' },
  },
});
