import { assign, sendParent, setup, type PromiseActorLogic } from 'xstate';
import type { RequestPurpose } from './facts.ts';
import type { GateBlocker, GateChanged } from './gates.ts';

/** What the `auth` machine is told. */
export type AuthEvent =
  /** The backend answered 401 to a request that was sent under `generation`. */
  | { type: 'request.unauthorized'; generation: number; purpose: RequestPurpose }
  /** The backend accepted the token of `generation`. */
  | { type: 'request.authorized'; generation: number; purpose: RequestPurpose }
  /** The app has a new session. */
  | { type: 'auth.renew' };

/** What the `auth` machine remembers. */
export interface AuthContext {
  /** Counts tokens that were fetched anew, so that answers to requests of before are told apart. */
  generation: number;
  /** What the last refused request was for: only the like of it shows that the new token is accepted. */
  refused: RequestPurpose;
}

const openGate = { type: 'tellGate', params: null } as const;
const closeGate = { type: 'tellGate', params: 'needs-auth' } as const;

/**
 * Whether the backend accepts who we are. The first 401 asks for the token again and lets one round through; a 401 under
 * the new token waits for the app (S26). Nothing loops.
 */
export const authMachine = setup({
  types: {
    context: {} as AuthContext,
    events: {} as AuthEvent,
  },
  actors: {
    /** Asks for a fresh token where the backend port knows how. */
    refreshToken: {} as PromiseActorLogic<void>,
  },
  guards: {
    isCurrent: ({ context }, generation: number) => generation === context.generation,
    isAccepted: ({ context }, answer: Pick<AuthContext, 'generation'> & { purpose: RequestPurpose }) =>
      answer.generation === context.generation && answer.purpose === context.refused,
  },
  actions: {
    noteRefused: assign({ refused: (_, purpose: RequestPurpose) => purpose }),
    beginGeneration: assign({ generation: ({ context }) => context.generation + 1 }),
    tellGate: sendParent((_, blocker: GateBlocker | null): GateChanged => ({
      type: 'gate.changed',
      source: 'auth',
      blocker,
    })),
  },
}).createMachine({
  id: 'auth',
  context: { generation: 0, refused: 'write' },
  initial: 'authorized',
  states: {
    authorized: {
      on: {
        'request.unauthorized': {
          guard: { type: 'isCurrent', params: ({ event }) => event.generation },
          target: 'refreshing',
          actions: { type: 'noteRefused', params: ({ event }) => event.purpose },
        },
      },
    },
    refreshing: {
      initial: 'renewing',
      on: {
        'auth.renew': { target: '.renewing' },
      },
      states: {
        renewing: {
          entry: closeGate,
          invoke: {
            src: 'refreshToken',
            onDone: { target: 'retrying' },
            onError: { target: '#auth.needsAuth' },
          },
        },
        retrying: {
          entry: ['beginGeneration', openGate],
          on: {
            'request.authorized': {
              guard: { type: 'isAccepted', params: ({ event }) => event },
              target: '#auth.authorized',
            },
            'request.unauthorized': {
              guard: { type: 'isCurrent', params: ({ event }) => event.generation },
              target: '#auth.needsAuth',
            },
          },
        },
      },
    },
    needsAuth: {
      entry: closeGate,
      on: {
        'auth.renew': { target: 'refreshing' },
      },
    },
  },
});
