import {
  createActor,
  fromPromise,
  fromTransition,
  type AnyActorRef,
  type AnyActorScope,
  type AnyEventObject,
  type AnyMachineSnapshot,
  type AnyStateMachine,
} from 'xstate';

/** What one step of a machine did, as data. */
export interface Step {
  snapshot: AnyMachineSnapshot;
  /** Events sent to the parent or to children, in order, as words. */
  sent: readonly string[];
  /** The same, as they were sent. */
  sendings: readonly Sending[];
  /** Timers set and cancelled, in order. */
  timers: readonly { set: boolean; id: string }[];
  /** Whether an actor was started or stopped. */
  restaffed: boolean;
}

interface Executable {
  type: string;
  params: unknown;
}

const neverEnding = fromPromise(() => new Promise<never>(() => {}));

/** The machine with every actor that it names replaced by one that is never started and never ends. */
export function withInertActors<M extends AnyStateMachine>(machine: M): M {
  const names = Object.keys(machine.implementations.actors);
  return machine.provide({ actors: Object.fromEntries(names.map((name) => [name, neverEnding])) }) as M;
}

/** The first step of a machine, under a parent that is never told. */
export function begin(machine: AnyStateMachine, input: unknown): Step {
  return record((scope) => machine.getInitialSnapshot(scope, input));
}

/** The step that one event makes, without running anything. */
export function step(snapshot: AnyMachineSnapshot, event: AnyEventObject): Step {
  return record((scope) => snapshot.machine.transition(snapshot, event, scope));
}

function record(take: (scope: AnyActorScope) => AnyMachineSnapshot): Step {
  const done: Executable[] = [];
  const snapshot = take(inertScope((action) => done.push(action)));
  const sendings = done.filter(({ type }) => type === 'xstate.sendTo').map(({ params }) => params as Sending);
  return {
    snapshot,
    sent: sendings.map(describeSending),
    sendings,
    timers: done.flatMap(timerOf),
    restaffed: done.some(({ type }) => type === 'xstate.spawnChild' || type === 'xstate.stopChild'),
  };
}

/** A scope under which nothing is started, sent or scheduled. Each has a system of its own: a system refuses an id twice. */
function inertScope(note: (action: Executable) => void): AnyActorScope {
  const nothing = fromTransition((state: null) => state, null);
  const self: AnyActorRef = createActor(nothing, { parent: createActor(nothing) });
  return {
    self,
    system: self.system,
    id: '',
    sessionId: '',
    logger: () => {},
    defer: () => {},
    stopChild: () => {},
    emit: () => {},
    actionExecutor: note,
  };
}

function timerOf({ type, params }: Executable): Step['timers'] {
  if (!params) return [];
  const { sendId, delay, id } = params as { sendId: string; delay?: number; id: string };
  if (type === 'xstate.cancel') return [{ set: false, id: sendId }];
  return type === 'xstate.raise' && delay !== undefined ? [{ set: true, id }] : [];
}

/** An event sent to a child, or to `#_parent`. */
export interface Sending {
  targetId: string;
  event: AnyEventObject & { source?: string; blocker?: string | null };
}

function describeSending({ targetId, event }: Sending): string {
  const words = event.type === 'gate.changed' ? `gate ${event.blocker ?? 'open'}` : event.type;
  return targetId === '#_parent' ? words : `${targetId}: ${words}`;
}

/** The innermost active state as a dotted path. */
export function leafOf(snapshot: AnyMachineSnapshot): string {
  return joinPath(snapshot.value);
}

function joinPath(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[key, inner] = ['', '']] = Object.entries(value as Record<string, unknown>);
  return `${key}.${joinPath(inner)}`;
}

/** Names of the actors that run, by the child's id. */
export function runningActors(snapshot: AnyMachineSnapshot): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(snapshot.children as Record<string, { src: string }>).map(([id, child]) => [id, child.src]),
  );
}
