import type { GateBlocker } from '../../machines/gates.ts';
import type { SyncState } from './state.ts';

/** A machine's snapshot, as far as the status looks at it. */
export interface MachineSnapshot {
  readonly value: unknown;
  readonly context: unknown;
}

/** The innermost name that the outside knows a state by: the root's `open.running` counts as `running`. */
export function topOf(snapshot: MachineSnapshot | null | undefined): string | null {
  const value = snapshot?.value;
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return null;
  const [key, below] = Object.entries(value)[0] ?? [];
  return key === 'open' ? (below as string) : (key ?? null);
}

/** `auth` of the state. */
export function authOf(auth: MachineSnapshot | null): SyncState['auth'] {
  const state = topOf(auth);
  return state === 'needsAuth' ? 'needs-auth' : state === 'refreshing' ? 'refreshing' : 'authorized';
}

/** Which of the tokens that were asked for one after the other the machine is at; 0 before it runs. */
export function generationOf(auth: MachineSnapshot | undefined): number {
  return (auth?.context as { generation: number } | undefined)?.generation ?? 0;
}

/** `queue` of the state. A back-off that goes on behind a closed gate is not what the queue waits for. */
export function queueOf(queue: MachineSnapshot | null, blockers: readonly GateBlocker[]): SyncState['queue'] {
  if (blockers.includes('paused')) return 'paused';
  const state = topOf(queue);
  if (state === 'backingOff') return blockers.length > 0 ? 'waiting' : 'backing-off';
  return (state ?? 'waiting') as SyncState['queue'];
}

/** `realTime` of the state. */
export function realTimeOf(realTime: MachineSnapshot | null): SyncState['realTime'] {
  const { value, context } = realTime ?? { value: 'off', context: {} };
  if (typeof value === 'object' && value !== null && 'connected' in value) {
    const { connected } = value;
    if (connected === 'live') return 'live';
    if (typeof connected === 'object' && connected !== null && 'catchingUp' in connected) return 'catching-up';
  }
  if (typeof value === 'object' && value !== null && 'backingOff' in value && value.backingOff === 'unwanted')
    return 'off';
  switch (topOf(realTime)) {
    case 'polling':
      return 'polling';
    case 'unsupported':
      return 'unsupported';
    case 'connected':
    case 'waiting':
    case 'backingOff':
      return (context as { hasBeenLive?: boolean }).hasBeenLive ? 'reconnecting' : 'connecting';
    default:
      return 'off';
  }
}
