import { sendParent, setup, type CallbackActorLogic, type NonReducibleUnknown } from 'xstate';
import type { GateBlocker, GateChanged } from './gates.ts';

export type LeadershipEvent = { type: 'lock.granted' } | { type: 'lock.lost' };

const openGate = { type: 'tellGate', params: null } as const;
const closeGate = { type: 'tellGate', params: 'not-leader' } as const;

/** Which of the open services of one name and user drains, pulls and holds the socket. */
export const leadershipMachine = setup({
  types: {
    events: {} as LeadershipEvent,
  },
  actors: {
    /** Waits for the lock, reports `lock.granted`, and holds it for the whole reign. */
    holdLock: {} as CallbackActorLogic<LeadershipEvent, NonReducibleUnknown>,
  },
  actions: {
    tellGate: sendParent((_, blocker: GateBlocker | null): GateChanged => ({
      type: 'gate.changed',
      source: 'leadership',
      blocker,
    })),
  },
}).createMachine({
  id: 'leadership',
  invoke: { src: 'holdLock' },
  initial: 'candidate',
  states: {
    candidate: { on: { 'lock.granted': { target: 'leader' } } },
    leader: { entry: openGate, on: { 'lock.lost': { target: 'deposed' } } },
    deposed: { entry: closeGate, on: { 'lock.granted': { target: 'leader' } } },
  },
});
