import type { AnyActorLogic, CallbackActorLogic, NonReducibleUnknown, PromiseActorLogic } from 'xstate';
import { authMachine } from '../../machines/auth.machine.ts';
import { connectivityMachine, type ProbeOutcome } from '../../machines/connectivity.machine.ts';
import { entityMachine } from '../../machines/entity.machine.ts';
import { feedMachine, type PullInput, type PullOutcome } from '../../machines/feed.machine.ts';
import { leadershipMachine, type LeadershipEvent } from '../../machines/leadership.machine.ts';
import { queueMachine, type DrainInput, type DrainOutcome } from '../../machines/queue.machine.ts';
import { realTimeMachine, type RealTimeEvent, type SocketInput } from '../../machines/real-time.machine.ts';
import { syncMachine, type SyncEvent } from '../../machines/sync.machine.ts';
import type { BackOff } from './back-off.ts';
import type { EntityActors } from './entity.actors.ts';
import { createEntityRegistry } from './entity-registry.ts';
import { wire } from './wire.ts';

/** The actors of all machines: what they do to the world. */
export interface MachineActors {
  readonly probe: PromiseActorLogic<ProbeOutcome>;
  readonly refreshToken: PromiseActorLogic<void>;
  readonly holdLock: CallbackActorLogic<LeadershipEvent, NonReducibleUnknown>;
  readonly takeOver: PromiseActorLogic<void>;
  readonly stepDown: PromiseActorLogic<void>;
  readonly drain: PromiseActorLogic<DrainOutcome, DrainInput>;
  readonly pullChanges: PromiseActorLogic<PullOutcome, PullInput>;
  readonly resetReplica: PromiseActorLogic<void>;
  readonly openSocket: CallbackActorLogic<RealTimeEvent, SocketInput>;
  readonly poll: CallbackActorLogic<RealTimeEvent, NonReducibleUnknown>;
  readonly watchPlatform: CallbackActorLogic<SyncEvent, NonReducibleUnknown>;
  readonly hydrate: PromiseActorLogic<void>;
  readonly shutDown: PromiseActorLogic<void>;
  readonly entity: EntityActors;
}

/** The root machine with everything below it supplied. `recheckMs`: between probes while the platform says offline. */
export function wireMachines(actors: MachineActors, backOff: BackOff, recheckMs: number): typeof syncMachine {
  const ownDelay = ({ context }: { context: { delayMs: number } }) => context.delayMs;

  const connectivity = wire(connectivityMachine, {
    actors: { probe: actors.probe },
    delays: {
      probeBackOff: ({ context }) => backOff(Math.max(0, context.attempt - 1)),
      hintJitter: () => backOff(0),
      offlineRecheck: () => recheckMs,
    },
  });
  const auth = wire(authMachine, { actors: { refreshToken: actors.refreshToken }, delays: {} });
  const leadership = wire(leadershipMachine, {
    actors: { holdLock: actors.holdLock, takeOver: actors.takeOver, stepDown: actors.stepDown },
    delays: {},
  });
  const queue = wire(queueMachine, { actors: { drain: actors.drain }, delays: { retryDelay: ownDelay } });
  const feed = wire(feedMachine, {
    actors: { pullChanges: actors.pullChanges, resetReplica: actors.resetReplica },
    delays: { retryDelay: ownDelay },
  });
  const realTime = wire(realTimeMachine, {
    actors: { openSocket: actors.openSocket, poll: actors.poll },
    delays: { retryDelay: ownDelay },
  });
  const entities: AnyActorLogic = createEntityRegistry(
    wire(entityMachine, { actors: { ...actors.entity }, delays: {} }),
  );

  return wire(syncMachine, {
    actors: {
      connectivity,
      auth,
      leadership,
      queue,
      feed,
      realTime,
      entities,
      watchPlatform: actors.watchPlatform,
      hydrate: actors.hydrate,
      shutDown: actors.shutDown,
    },
    delays: {},
  });
}
