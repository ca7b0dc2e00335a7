export { authMachine, type AuthEvent } from './auth.machine.ts';
export {
  connectivityMachine,
  type ConnectivityEvent,
  type ConnectivityInput,
  type ProbeOutcome,
} from './connectivity.machine.ts';
export {
  entityMachine,
  type EntityEvent,
  type EntityInput,
  type LostOutcome,
  type ResolutionOutcome,
  type Trouble,
} from './entity.machine.ts';
export type { BackendFact } from './facts.ts';
export { feedMachine, type FeedEvent, type PullInput, type PullOutcome } from './feed.machine.ts';
export {
  blockersOf,
  changeGate,
  closedGates,
  mayListen,
  maySend,
  type GateBlocker,
  type GateChanged,
  type Gates,
  type GateSource,
} from './gates.ts';
export { leadershipMachine, type LeadershipEvent } from './leadership.machine.ts';
export { queueMachine, type DrainInput, type DrainOutcome, type QueueEvent } from './queue.machine.ts';
export { realTimeMachine, type RealTimeEvent, type RealTimeInput, type SocketInput } from './real-time.machine.ts';
export { sessionMachine, type CatchUpResult, type SessionCloseCode, type SessionEvent } from './session.machine.ts';
export { syncMachine, type EntityTell, type SyncEvent, type SyncInput } from './sync.machine.ts';
