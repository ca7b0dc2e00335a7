import { sendParent, setup, type CallbackActorLogic, type NonReducibleUnknown, type PromiseActorLogic } from 'xstate';
import type { GateBlocker, GateChanged } from './gates.ts';

/** What the `leadership` machine is told: whether this tab is the elected one. */
export type LeadershipEvent = { type: 'lock.granted' } | { type: 'lock.lost' };

const openGate = { type: 'tellGate', params: null } as const;
const closeGate = { type: 'tellGate', params: 'not-leader' } as const;

/** Which of the tabs of one name and user drains, pulls and holds the socket. */
export const leadershipMachine = setup({
  types: {
    events: {} as LeadershipEvent,
  },
  actors: {
    /** Waits for the lock, reports `lock.granted`, holds it for the whole reign, and reports when it is lost. */
    holdLock: {} as CallbackActorLogic<LeadershipEvent, NonReducibleUnknown>,
    /** Makes this tab's journal the one that counts, where it is not yet: claims, reads everything anew, takes up all drafts. */
    takeOver: {} as PromiseActorLogic<void>,
    /** Takes back what is not stored, and shows what the new leader tells. */
    stepDown: {} as PromiseActorLogic<void>,
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
  initial: 'follower',
  states: {
    follower: { on: { 'lock.granted': { target: 'takingOver' } } },
    takingOver: {
      invoke: { src: 'takeOver', onDone: { target: 'leader' }, onError: { target: 'deposed' } },
      on: { 'lock.lost': { target: 'deposed' } },
    },
    leader: { entry: openGate, on: { 'lock.lost': { target: 'deposed' } } },
    deposed: {
      entry: closeGate,
      invoke: { src: 'stepDown', onDone: { target: 'follower' }, onError: { target: 'follower' } },
      on: { 'lock.granted': { target: 'takingOver' } },
    },
  },
});
