import { assign, sendParent, setup, type PromiseActorLogic } from 'xstate';
import type { GateBlocker, GateChanged } from './gates.ts';

/** What the `connectivity` machine is told: the platform's hints, and what came of requests. */
export type ConnectivityEvent =
  | { type: 'network.online' }
  | { type: 'network.offline' }
  | { type: 'backend.answered' }
  | { type: 'backend.unreachable' }
  | { type: 'backend.intercepted' }
  | { type: 'connectivity.check' };

/** What a probe found. `unreachable` covers everything that is not the backend's own word. */
export type ProbeOutcome = 'answered' | 'unreachable' | 'intercepted';

/** What the `connectivity` machine starts with. */
export interface ConnectivityInput {
  /** What the platform says: at the start, and then last. */
  onLine: boolean;
  /** Without a probe the next request is the probe, so nothing is held back while the answer is awaited. */
  canProbe: boolean;
}

/** What the `connectivity` machine remembers. */
export interface ConnectivityContext extends ConnectivityInput {
  /** Failed probes in a row: the back-off grows with it. */
  attempt: number;
  hasBeenOnline: boolean;
}

const openGate = { type: 'tellGate', params: null } as const;
const closeGate = { type: 'tellGate', params: 'offline' } as const;
const closeCaptive = { type: 'tellGate', params: 'captive' } as const;

const connectivitySetup = setup({
  types: {
    context: {} as ConnectivityContext,
    events: {} as ConnectivityEvent,
    input: {} as ConnectivityInput,
  },
  actors: {
    probe: {} as PromiseActorLogic<ProbeOutcome>,
  },
  delays: {
    /** Full jitter over the attempt. */
    probeBackOff: () => 0,
    /** Full jitter over the base delay: a fleet that hears `online` together does not arrive together (S43). */
    hintJitter: () => 0,
    /** Between attempts while the platform says offline: it may be wrong. */
    offlineRecheck: () => 0,
  },
  guards: {
    platformOffline: ({ context }) => !context.onLine,
    cannotProbe: ({ context }) => !context.canProbe,
    canProbe: ({ context }) => context.canProbe,
    wasOnline: ({ context }) => context.hasBeenOnline,
    hasFailed: ({ context }) => context.attempt > 0,
    probeAnswered: (_, outcome: ProbeOutcome) => outcome === 'answered',
    probeIntercepted: (_, outcome: ProbeOutcome) => outcome === 'intercepted',
  },
  actions: {
    countFailure: assign({ attempt: ({ context }) => context.attempt + 1 }),
    forgetFailures: assign({ attempt: 0 }),
    noteOnline: assign({ attempt: 0, hasBeenOnline: true }),
    notePlatformOnline: assign({ onLine: true }),
    notePlatformOffline: assign({ onLine: false }),
    tellGate: sendParent((_, blocker: GateBlocker | null): GateChanged => ({
      type: 'gate.changed',
      source: 'connectivity',
      blocker,
    })),
  },
});

/** Looking for the backend: by probes where there are any, else by letting the next request through. */
const searching = connectivitySetup.createStateConfig({
  initial: 'jittering',
  on: {
    'connectivity.check': [{ guard: 'canProbe', target: '.probing' }, { target: '.listening' }],
    'backend.intercepted': { guard: 'canProbe', target: '#connectivity.captive' },
  },
  states: {
    jittering: {
      entry: closeGate,
      after: { hintJitter: [{ guard: 'canProbe', target: 'probing' }, { target: 'listening' }] },
    },
    probing: {
      entry: closeGate,
      on: { 'connectivity.check': {} },
      invoke: {
        src: 'probe',
        onDone: [
          { guard: { type: 'probeAnswered', params: ({ event }) => event.output }, target: '#connectivity.online' },
          {
            guard: { type: 'probeIntercepted', params: ({ event }) => event.output },
            target: '#connectivity.captive',
            actions: 'countFailure',
          },
          { target: 'resting', actions: 'countFailure' },
        ],
        onError: { target: 'resting', actions: 'countFailure' },
      },
    },
    resting: {
      after: { probeBackOff: 'probing' },
      on: { 'network.online': { target: 'jittering', actions: ['notePlatformOnline', 'forgetFailures'] } },
    },
    listening: {
      entry: openGate,
      on: {
        'connectivity.check': {},
        'backend.unreachable': { actions: 'countFailure' },
        'backend.intercepted': { actions: 'countFailure' },
      },
    },
  },
});

/**
 * Whether the backend itself answers. The platform's word is a hint: `online` starts a jittered probe, `offline` stops
 * sending, and only an answer leads to `online` (S26).
 */
export const connectivityMachine = connectivitySetup.createMachine({
  id: 'connectivity',
  context: ({ input }) => ({ ...input, attempt: 0, hasBeenOnline: false }),
  initial: 'deciding',
  on: {
    'network.online': { actions: 'notePlatformOnline' },
    'network.offline': { target: '.offline', actions: 'notePlatformOffline' },
    'backend.answered': { target: '.online' },
  },
  states: {
    deciding: {
      always: [{ guard: 'platformOffline', target: 'offline' }, { target: 'connecting' }],
    },
    offline: {
      initial: 'resting',
      on: {
        'network.offline': {},
        'network.online': [
          { guard: 'wasOnline', target: 'reconnecting', actions: ['notePlatformOnline', 'forgetFailures'] },
          { target: 'connecting.jittering', actions: ['notePlatformOnline', 'forgetFailures'] },
        ],
        'connectivity.check': [{ guard: 'canProbe', target: '.probing' }, { target: '.listening' }],
      },
      states: {
        resting: {
          entry: closeGate,
          after: { offlineRecheck: [{ guard: 'canProbe', target: 'probing' }, { target: 'listening' }] },
        },
        probing: {
          on: { 'connectivity.check': {} },
          invoke: {
            src: 'probe',
            onDone: [
              { guard: { type: 'probeAnswered', params: ({ event }) => event.output }, target: '#connectivity.online' },
              { target: 'resting' },
            ],
            onError: { target: 'resting' },
          },
        },
        listening: {
          entry: openGate,
          on: {
            'connectivity.check': {},
            'backend.unreachable': { target: 'resting' },
            'backend.intercepted': { target: 'resting' },
          },
        },
      },
    },
    connecting: {
      ...searching,
      initial: 'deciding',
      states: {
        ...searching.states,
        deciding: { always: [{ guard: 'cannotProbe', target: 'listening' }, { target: 'probing' }] },
      },
    },
    online: {
      entry: ['noteOnline', openGate],
      on: {
        'backend.answered': {},
        'backend.unreachable': [{ guard: 'platformOffline', target: 'offline' }, { target: 'reconnecting' }],
        'backend.intercepted': [{ guard: 'canProbe', target: 'captive' }, { target: 'reconnecting' }],
      },
    },
    reconnecting: searching,
    captive: {
      entry: closeCaptive,
      initial: 'resting',
      on: {
        'connectivity.check': { target: '.probing' },
      },
      states: {
        resting: {
          after: { probeBackOff: 'probing' },
          on: {
            'network.online': {
              guard: 'hasFailed',
              target: 'resting',
              reenter: true,
              actions: ['notePlatformOnline', 'forgetFailures'],
            },
          },
        },
        probing: {
          on: { 'connectivity.check': {} },
          invoke: {
            src: 'probe',
            onDone: [
              { guard: { type: 'probeAnswered', params: ({ event }) => event.output }, target: '#connectivity.online' },
              { target: 'resting', actions: 'countFailure' },
            ],
            onError: { target: 'resting', actions: 'countFailure' },
          },
        },
      },
    },
  },
});
