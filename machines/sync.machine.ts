import {
  sendTo,
  setup,
  type AnyActorLogic,
  type CallbackActorLogic,
  type NonReducibleUnknown,
  type PromiseActorLogic,
} from 'xstate';
import type { authMachine } from './auth.machine.ts';
import type { ConnectivityEvent, ConnectivityInput, connectivityMachine } from './connectivity.machine.ts';
import type { EntityEvent, Trouble } from './entity.machine.ts';
import type { BackendFact } from './facts.ts';
import type { feedMachine } from './feed.machine.ts';
import type { GateChanged } from './gates.ts';
import type { leadershipMachine } from './leadership.machine.ts';
import type { queueMachine } from './queue.machine.ts';
import type { RealTimeInput, realTimeMachine } from './real-time.machine.ts';

/** What one entity's actor is told; `trouble` makes the actor if there is none. */
export interface EntityTell {
  type: 'entity.tell';
  collection: string;
  entityId: string;
  event: EntityEvent;
  trouble?: Trouble;
}

/** What the root machine is told: facts of all siblings, of the platform, and calls of the app. */
export type SyncEvent =
  | BackendFact
  | GateChanged
  | EntityTell
  /** The local data is the leader's from now on: what is unsettled in it is this tab's to go on with. */
  | { type: 'leadership.taken' }
  | { type: 'network.online' }
  | { type: 'network.offline' }
  /** The page came back from the background, or the machine from sleep. */
  | { type: 'page.resumed' }
  | { type: 'page.focused' }
  | { type: 'work.available' }
  | { type: 'queue.drain' }
  | { type: 'feed.pull'; now?: true }
  | { type: 'feed.caughtUp' }
  | { type: 'epoch.changed' }
  | { type: 'realTime.enable' }
  | { type: 'realTime.disable' }
  | { type: 'app.pause' }
  | { type: 'app.resume' }
  | { type: 'auth.renew' }
  | { type: 'configuration.broken' }
  | { type: 'drain.ended' }
  | { type: 'pull.began' }
  | { type: 'pull.ended' }
  | { type: 'socket.ended' }
  | { type: 'service.close' };

/** What the root machine starts with: the inputs of its siblings. */
export interface SyncInput {
  connectivity: ConnectivityInput;
  realTime: RealTimeInput;
}

const toConnectivity = (event: ConnectivityEvent) => ({ type: 'tellConnectivity', params: event }) as const;
const gate = (source: GateChanged['source'], blocker: GateChanged['blocker']): GateChanged => ({
  type: 'gate.changed',
  source,
  blocker,
});

/** The backend may have been mended since: asked anew, it says again if not. */
const liftMisconfigured = { type: 'gateQueue', params: gate('configuration', null) } as const;

/**
 * The root. Siblings never address each other: they report facts here, and this machine tells the ones concerned. Nothing
 * syncs before the local data is loaded: leadership is not sought before.
 */
export const syncMachine = setup({
  types: {
    context: {} as SyncInput,
    events: {} as SyncEvent,
    input: {} as SyncInput,
    children: {} as {
      connectivity: 'connectivity';
      auth: 'auth';
      leadership: 'leadership';
      queue: 'queue';
      feed: 'feed';
      realTime: 'realTime';
      entities: 'entities';
    },
  },
  actors: {
    connectivity: {} as typeof connectivityMachine,
    auth: {} as typeof authMachine,
    leadership: {} as typeof leadershipMachine,
    queue: {} as typeof queueMachine,
    feed: {} as typeof feedMachine,
    realTime: {} as typeof realTimeMachine,
    /** The registry of actors of entities in trouble. It has none while this tab does not lead. */
    entities: {} as AnyActorLogic,
    /** Platform signals as events: network, page. */
    watchPlatform: {} as CallbackActorLogic<SyncEvent, NonReducibleUnknown>,
    /** Finds out who leads, and loads what is stored. */
    hydrate: {} as PromiseActorLogic<void>,
    /** Waits for the storage and releases everything. */
    shutDown: {} as PromiseActorLogic<void>,
  },
  actions: {
    tellConnectivity: sendTo('connectivity', (_, event: ConnectivityEvent) => event),
    tellAuth: sendTo('auth', ({ event }) => event),
    tellQueue: sendTo('queue', ({ event }) => event),
    tellFeed: sendTo('feed', ({ event }) => event),
    tellRealTime: sendTo('realTime', ({ event }) => event),
    tellEntities: sendTo('entities', ({ event }) => event),
    askToPull: sendTo('feed', { type: 'feed.pull' }),
    askToPullNow: sendTo('feed', { type: 'feed.pull', now: true }),
    wakeQueue: sendTo('queue', { type: 'queue.drain' }),
    gateQueue: sendTo('queue', (_, event: GateChanged) => event),
    gateFeed: sendTo('feed', (_, event: GateChanged) => event),
    gateRealTime: sendTo('realTime', (_, event: GateChanged) => event),
  },
}).createMachine({
  id: 'sync',
  context: ({ input }) => input,
  initial: 'open',
  states: {
    open: {
      invoke: [
        {
          id: 'connectivity',
          systemId: 'connectivity',
          src: 'connectivity',
          input: ({ context }) => context.connectivity,
        },
        { id: 'auth', systemId: 'auth', src: 'auth' },
        { id: 'queue', systemId: 'queue', src: 'queue' },
        { id: 'feed', systemId: 'feed', src: 'feed' },
        { id: 'realTime', systemId: 'realTime', src: 'realTime', input: ({ context }) => context.realTime },
        { id: 'entities', systemId: 'entities', src: 'entities' },
        { id: 'platform', src: 'watchPlatform' },
      ],
      on: {
        'gate.changed': {
          actions: [
            { type: 'gateQueue', params: ({ event }) => event },
            { type: 'gateFeed', params: ({ event }) => event },
            { type: 'gateRealTime', params: ({ event }) => event },
            'tellEntities',
          ],
        },
        'backend.answered': { actions: toConnectivity({ type: 'backend.answered' }) },
        'backend.unreachable': { actions: toConnectivity({ type: 'backend.unreachable' }) },
        'backend.intercepted': { actions: toConnectivity({ type: 'backend.intercepted' }) },
        'request.unauthorized': { actions: [toConnectivity({ type: 'backend.answered' }), 'tellAuth'] },
        'request.authorized': { actions: [toConnectivity({ type: 'backend.answered' }), 'tellAuth'] },
        'network.online': { actions: toConnectivity({ type: 'network.online' }) },
        'network.offline': { actions: toConnectivity({ type: 'network.offline' }) },
        'page.resumed': {
          actions: [toConnectivity({ type: 'connectivity.check' }), 'askToPullNow', liftMisconfigured, 'wakeQueue'],
        },
        'page.focused': { actions: 'askToPull' },
        'work.available': { actions: 'tellQueue' },
        'queue.drain': { actions: [toConnectivity({ type: 'connectivity.check' }), liftMisconfigured, 'tellQueue'] },
        'feed.pull': { actions: 'tellFeed' },
        'pull.began': { actions: 'tellRealTime' },
        'feed.caughtUp': { actions: 'tellRealTime' },
        'epoch.changed': { actions: 'tellFeed' },
        'realTime.enable': { actions: 'tellRealTime' },
        'realTime.disable': { actions: 'tellRealTime' },
        'app.pause': { actions: { type: 'gateQueue', params: gate('app', 'paused') } },
        'app.resume': { actions: { type: 'gateQueue', params: gate('app', null) } },
        'auth.renew': {
          actions: ['tellAuth', liftMisconfigured, toConnectivity({ type: 'connectivity.check' }), 'wakeQueue'],
        },
        'configuration.broken': { actions: { type: 'gateQueue', params: gate('configuration', 'misconfigured') } },
        'entity.tell': { actions: 'tellEntities' },
        'leadership.taken': { actions: 'tellEntities' },
        'service.close': { target: 'closing' },
      },
      initial: 'hydrating',
      states: {
        hydrating: {
          invoke: {
            id: 'hydrate',
            src: 'hydrate',
            onDone: { target: 'running', actions: 'askToPull' },
            onError: { target: '#sync.refused' },
          },
        },
        running: {
          invoke: { id: 'leadership', systemId: 'leadership', src: 'leadership' },
        },
      },
    },
    refused: {
      on: { 'service.close': { target: 'closing' } },
    },
    closing: {
      invoke: { id: 'shutDown', src: 'shutDown', onDone: { target: 'closed' }, onError: { target: 'closed' } },
    },
    closed: { type: 'final' },
  },
});
