import type { AnyActorRef } from 'xstate';
import { blockersOf, type Gates } from '../../machines/gates.ts';
import type { SyncErrorInfo } from '../core/errors.ts';
import type { Clock } from '../ports/environment.ts';
import type { Counts } from './counts.ts';
import { authOf, queueOf, realTimeOf, topOf, type MachineSnapshot } from './machine-states.ts';
import { createStandingErrors, type ErrorSource } from './standing-errors.ts';
import { createStallWatch } from './stall-watch.ts';
import type { SyncState } from './state.ts';
import type { SharedState } from './tab-message.ts';
import { createTickTask } from './tick.ts';

/** The state of the service, projected from the machines and the counts. */
export interface Status {
  getSnapshot(): SyncState;
  /** Told at the end of each tick in which the state changed. Returns its end. */
  subscribe(listener: (state: SyncState) => void): () => void;
  /** Told at the end of each tick in which anything happened that the state is made of. Returns its end. */
  observe(listener: () => void): () => void;
  /** Nothing has been answered yet, and nothing has failed: whether the backend can be reached is being found out. */
  readonly awaitsFirstAnswer: boolean;
  /** Something that the state is made of changed. */
  touch(): void;
  /** The backend took operations. */
  synced(): void;
  /** Operations are pending no longer. */
  settled(operations: number): void;
  /** The feed of a collection was read to its end. */
  caughtUp(collection: string): void;
  /** `of`: what failed, where one of several may. */
  failed(source: ErrorSource, error: SyncErrorInfo, of?: string): void;
  /** What failed works again. */
  recovered(source: ErrorSource): void;
  /** Follows the machines. */
  follow(root: AnyActorRef): void;
  /** What the leader says; null: this tab leads. */
  mirror(state: SharedState | null): void;
  close(): void;
}

export interface StatusParts {
  readonly counts: Counts;
  readonly clock: Clock;
  isDurable(): boolean;
}

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

const needsAuth: SyncErrorInfo = {
  code: 'needs-auth',
  message: 'The backend accepted no token, a fresh one neither. Sign in again, then call authRenewed().',
  status: 401,
};

const followed = ['connectivity', 'auth', 'leadership', 'queue', 'feed', 'realTime'] as const;

export function createStatus({ counts, clock, isDurable }: StatusParts): Status {
  const listeners = new Set<(state: SyncState) => void>();
  const observers = new Set<() => void>();
  let root: AnyActorRef | null = null;
  let last = initial;
  let told = initial;
  let atRest: SyncState | null = null;
  let done = 0;
  let total = 0;
  let lastSyncedAt: string | null = null;
  let retryAt: number | null = null;
  const errors = createStandingErrors();
  let isClosed = false;
  let mirrored: SharedState | null = null;

  const machine = (id: string): MachineSnapshot | null =>
    (root?.system.get(id) as AnyActorRef | undefined)?.getSnapshot() ?? null;

  function project(): SyncState {
    const queue = machine('queue');
    const blockers = queue ? blockersOf((queue.context as { gates: Gates }).gates) : [];
    const isHydrating = topOf(root?.getSnapshot()) !== 'running';
    const pending = counts.pending;
    const realTime = realTimeOf(machine('realTime'));
    const connectivity = (topOf(machine('connectivity')) ?? 'connecting') as SyncState['connectivity'];
    if (pending === 0) errors.end('send');
    if (connectivity === 'online') errors.end('probe');
    const role = isHydrating || topOf(machine('leadership')) === 'leader' ? 'leader' : 'follower';
    const auth = authOf(machine('auth'));
    if (auth === 'needs-auth') errors.begin('auth', needsAuth);
    else errors.end('auth');
    const own: SyncState = {
      connectivity,
      auth,
      queue: isHydrating ? 'hydrating' : queueOf(queue, blockers),
      blockers: isHydrating ? blockers.filter((blocker) => blocker !== 'not-leader') : blockers,
      realTime,
      role,
      pending,
      parked: counts.parked,
      conflicts: counts.conflicts,
      stalled: stall.look(pending > 0 && blockers.length === 0),
      durable: isDurable(),
      progress: topOf(queue) === 'draining' && total > 0 ? { done, total } : null,
      lastSyncedAt,
      nextRetryAt:
        queueOf(queue, blockers) === 'backing-off' && retryAt !== null ? new Date(retryAt).toISOString() : null,
      error: errors.first,
    };
    return role === 'follower' && mirrored ? { ...own, ...mirrored, error: own.error ?? mirrored.error } : own;
  }

  /** What was known last; nothing is sent or heard any more. */
  function projectEnd(): SyncState {
    const isAtRest = last.queue === 'idle' || last.queue === 'paused';
    return {
      ...last,
      queue: isAtRest ? last.queue : 'waiting',
      realTime: 'off',
      pending: counts.pending,
      parked: counts.parked,
      conflicts: counts.conflicts,
      stalled: false,
      progress: null,
      nextRetryAt: null,
    };
  }

  /** The local data cannot be had: nothing was loaded, and nothing is stored. */
  function projectRefusal(): SyncState {
    return { ...projectEnd(), connectivity: 'offline', durable: false, error: errors.first };
  }

  function getSnapshot(): SyncState {
    if (isClosed) return last;
    if (!root) return (last = atRest ??= { ...initial, durable: isDurable() });
    const life = topOf(root.getSnapshot());
    const isOver = life === 'closing' || life === 'closed';
    const next = isOver ? projectEnd() : life === 'refused' ? projectRefusal() : project();
    if (!isSame(last, next)) last = next;
    return last;
  }

  const tick = createTickTask(() => {
    if (isClosed) return;
    const state = getSnapshot();
    for (const observer of [...observers]) observer();
    if (state === told) return;
    told = state;
    for (const listener of [...listeners]) listener(state);
  });
  const stall = createStallWatch(clock, tick.request);

  function followQueue(snapshot: MachineSnapshot, before: string | null): void {
    const now = topOf(snapshot);
    if (now === before) return;
    if (now === 'backingOff') retryAt = clock.now() + (snapshot.context as { delayMs: number }).delayMs;
    if (now === 'draining') {
      done = 0;
      total = counts.pending;
    }
  }

  function noteSync(): void {
    stall.progressed();
    lastSyncedAt = new Date(clock.now()).toISOString();
    tick.request();
  }

  return {
    getSnapshot,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    observe(listener) {
      observers.add(listener);
      return () => void observers.delete(listener);
    },
    get awaitsFirstAnswer() {
      if (mirrored) return mirrored.connectivity === 'connecting';
      const connectivity = machine('connectivity');
      return (
        topOf(connectivity) === 'connecting' &&
        (connectivity?.context as { attempt: number } | undefined)?.attempt === 0
      );
    },
    mirror(state) {
      mirrored = state;
      if (state) for (const source of ['send', 'pull', 'probe'] as const) errors.end(source);
      tick.request();
    },
    touch: () => tick.request(),
    synced() {
      errors.end('send');
      noteSync();
    },
    settled(operations) {
      done += operations;
      total = Math.max(total, done + counts.pending);
      stall.progressed();
      tick.request();
    },
    caughtUp(collection) {
      errors.end('pull', collection);
      noteSync();
    },
    failed(source, info, of) {
      errors.begin(source, info, of);
      tick.request();
    },
    recovered(source) {
      errors.end(source);
      tick.request();
    },
    follow(actor) {
      root = actor;
      actor.subscribe({ next: () => tick.request(), error: () => tick.request() });
      for (const id of followed) followMachine(actor, id, id === 'queue' ? followQueue : () => undefined, tick.request);
      tick.request();
    },
    close() {
      last = getSnapshot();
      isClosed = true;
      stall.close();
      listeners.clear();
      observers.clear();
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

function isSame(a: SyncState, b: SyncState): boolean {
  return (Object.keys(a) as (keyof SyncState)[]).every((key) => {
    const [one, other] = [a[key], b[key]];
    return (
      one === other ||
      (typeof one === 'object' && typeof other === 'object' && JSON.stringify(one) === JSON.stringify(other))
    );
  });
}
