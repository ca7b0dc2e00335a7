import type { AnyActorRef } from 'xstate';
import { blockersOf, type Gates } from '../../machines/gates.ts';
import type { SyncErrorInfo } from '../core/errors.ts';
import type { Clock } from '../ports/environment.ts';
import type { Counts } from './counts.ts';
import type { SyncState } from './state.ts';
import { createTickTask } from './tick.ts';

/** The state of the service, projected from the machines and the counts. */
export interface Status {
  getSnapshot(): SyncState;
  /** Told at the end of each tick in which the state changed. Returns its end. */
  subscribe(listener: (state: SyncState) => void): () => void;
  /** Something that the state is made of changed. */
  touch(): void;
  /** Operations reached the backend, or a catch-up its end. */
  synced(operations: number): void;
  failed(error: SyncErrorInfo): void;
  /** Follows the machines. */
  follow(root: AnyActorRef): void;
  close(): void;
}

export interface StatusParts {
  readonly counts: Counts;
  readonly clock: Clock;
  isDurable(): boolean;
}

const stallsAfterMs = 120_000;

const initial: SyncState = {
  connectivity: 'connecting',
  auth: 'authorized',
  queue: 'hydrating',
  blockers: [],
  realTime: 'off',
  role: 'leader',
  pending: 0,
  parked: 0,
  conflicts: 0,
  stalled: false,
  durable: true,
  progress: null,
  lastSyncedAt: null,
  nextRetryAt: null,
  error: null,
};

const followed = ['connectivity', 'auth', 'leadership', 'queue', 'feed', 'realTime'] as const;

interface MachineSnapshot {
  readonly value: unknown;
  readonly context: unknown;
}

export function createStatus({ counts, clock, isDurable }: StatusParts): Status {
  const listeners = new Set<(state: SyncState) => void>();
  let root: AnyActorRef | null = null;
  let last = initial;
  let told = initial;
  let done = 0;
  let total = 0;
  let lastSyncedAt: string | null = null;
  let retryAt: number | null = null;
  let error: SyncErrorInfo | null = null;
  let progressAt = 0;
  let stallTimer: unknown = null;
  let isClosed = false;

  const machine = (id: string): MachineSnapshot | null =>
    (root?.system.get(id) as AnyActorRef | undefined)?.getSnapshot() ?? null;

  function project(): SyncState {
    const queue = machine('queue');
    const blockers = queue ? blockersOf((queue.context as { gates: Gates }).gates) : [];
    const isHydrating = topOf(root?.getSnapshot()) !== 'running';
    const pending = counts.pending;
    return {
      connectivity: (topOf(machine('connectivity')) ?? 'connecting') as SyncState['connectivity'],
      auth: authOf(machine('auth')),
      queue: isHydrating ? 'hydrating' : queueOf(queue, blockers.includes('paused')),
      blockers: isHydrating ? blockers.filter((blocker) => blocker !== 'not-leader') : blockers,
      realTime: realTimeOf(machine('realTime')),
      role: isHydrating || topOf(machine('leadership')) === 'leader' ? 'leader' : 'follower',
      pending,
      parked: counts.parked,
      conflicts: counts.conflicts,
      stalled: pending > 0 && blockers.length === 0 && clock.now() - progressAt >= stallsAfterMs,
      durable: isDurable(),
      progress: topOf(queue) === 'draining' && total > 0 ? { done, total } : null,
      lastSyncedAt,
      nextRetryAt: topOf(queue) === 'backingOff' && retryAt !== null ? new Date(retryAt).toISOString() : null,
      error,
    };
  }

  function getSnapshot(): SyncState {
    if (!root || isClosed) return last;
    const next = project();
    if (!isSame(last, next)) last = next;
    return last;
  }

  function watchStall(state: SyncState): void {
    const isAtRisk = state.pending > 0 && state.blockers.length === 0 && !state.stalled && !isClosed;
    if (isAtRisk === (stallTimer !== null)) return;
    if (stallTimer !== null) clock.clearTimeout(stallTimer);
    stallTimer = isAtRisk
      ? clock.setTimeout(recheckStall, Math.max(1, progressAt + stallsAfterMs - clock.now()))
      : null;
  }

  function recheckStall(): void {
    stallTimer = null;
    tick.request();
  }

  const tick = createTickTask(() => {
    if (isClosed) return;
    if (counts.pending === 0) progressAt = clock.now();
    const state = getSnapshot();
    watchStall(state);
    if (state === told) return;
    told = state;
    for (const listener of [...listeners]) listener(state);
  });

  function followQueue(snapshot: MachineSnapshot, before: string | null): void {
    const now = topOf(snapshot);
    if (now === before) return;
    if (now === 'backingOff') retryAt = clock.now() + (snapshot.context as { delayMs: number }).delayMs;
    if (now === 'draining') {
      done = 0;
      total = counts.pending;
    }
  }

  return {
    getSnapshot,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    touch: () => tick.request(),
    synced(operations) {
      done += operations;
      total = Math.max(total, done + counts.pending);
      progressAt = clock.now();
      lastSyncedAt = new Date(clock.now()).toISOString();
      error = null;
      tick.request();
    },
    failed(info) {
      error = info;
      tick.request();
    },
    follow(actor) {
      root = actor;
      progressAt = clock.now();
      actor.subscribe({ next: () => tick.request(), error: () => tick.request() });
      for (const id of followed) followMachine(actor, id, id === 'queue' ? followQueue : () => undefined, tick.request);
      tick.request();
    },
    close() {
      last = getSnapshot();
      isClosed = true;
      if (stallTimer !== null) clock.clearTimeout(stallTimer);
      stallTimer = null;
      listeners.clear();
    },
  };
}

/** Leadership starts later than the others: the root's changes bring it in. */
function followMachine(
  root: AnyActorRef,
  id: string,
  changed: (snapshot: MachineSnapshot, before: string | null) => void,
  request: () => void,
): void {
  let followedActor: AnyActorRef | null = null;
  let before: string | null = null;
  const attach = () => {
    const actor = root.system.get(id) as AnyActorRef | undefined;
    if (!actor || actor === followedActor) return;
    followedActor = actor;
    actor.subscribe({
      next: (snapshot: MachineSnapshot) => {
        changed(snapshot, before);
        before = topOf(snapshot);
        request();
      },
      error: request,
    });
  };
  attach();
  root.subscribe({ next: attach, error: () => undefined });
}

/** The innermost name that the outside knows a state by: the root's `open.running` counts as `running`. */
function topOf(snapshot: MachineSnapshot | null | undefined): string | null {
  const value = snapshot?.value;
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return null;
  const [key, below] = Object.entries(value)[0] ?? [];
  return key === 'open' ? (below as string) : (key ?? null);
}

function authOf(auth: MachineSnapshot | null): SyncState['auth'] {
  const state = topOf(auth);
  return state === 'needsAuth' ? 'needs-auth' : state === 'refreshing' ? 'refreshing' : 'authorized';
}

function queueOf(queue: MachineSnapshot | null, isPaused: boolean): SyncState['queue'] {
  if (isPaused) return 'paused';
  const state = topOf(queue);
  return state === 'backingOff' ? 'backing-off' : ((state ?? 'waiting') as SyncState['queue']);
}

function realTimeOf(realTime: MachineSnapshot | null): SyncState['realTime'] {
  const { value, context } = realTime ?? { value: 'off', context: {} };
  if (typeof value === 'object' && value !== null && 'connected' in value) {
    const { connected } = value;
    if (connected === 'live') return 'live';
    if (connected === 'catchingUp') return 'catching-up';
  }
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

function isSame(a: SyncState, b: SyncState): boolean {
  return (Object.keys(a) as (keyof SyncState)[]).every((key) => {
    const [one, other] = [a[key], b[key]];
    return (
      one === other ||
      (typeof one === 'object' && typeof other === 'object' && JSON.stringify(one) === JSON.stringify(other))
    );
  });
}
