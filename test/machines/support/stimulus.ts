import type {
  AnyEventObject,
  AnyMachineSnapshot,
  AnyStateMachine,
  EventFrom,
  OutputFrom,
  PromiseActorLogic,
  ProvidedActor,
  SnapshotFrom,
  StateMachine,
} from 'xstate';
import { runningActors } from './step.ts';

/** What can happen to a machine: an event from outside, the end of one of its actors, or a timer. */
export type Stimulus =
  | { kind: 'event'; type: string; toEvent: (snapshot: AnyMachineSnapshot) => AnyEventObject }
  | { kind: 'done'; actor: string; output: unknown }
  | { kind: 'fail'; actor: string }
  | { kind: 'after'; delay: string };

/* eslint-disable typescript/no-explicit-any */
type ActorsOf<M> =
  M extends StateMachine<any, any, any, infer A, any, any, any, any, any, any, any, any, any, any>
    ? Extract<A, ProvidedActor>
    : never;
type DelaysOf<M> =
  M extends StateMachine<any, any, any, any, any, any, infer D, any, any, any, any, any, any, any> ? D : never;
type PromisesOf<M> =
  ActorsOf<M> extends infer A
    ? A extends { src: string; logic: PromiseActorLogic<any, any> }
      ? unknown extends SnapshotFrom<A['logic']>
        ? never
        : A
      : never
    : never;
/* eslint-enable typescript/no-explicit-any */

/** Every kind of thing that can happen to `M`, read from its type. */
export type StimulusKey<M extends AnyStateMachine> =
  | EventFrom<M>['type']
  | `done ${PromisesOf<M>['src']}`
  | `fail ${PromisesOf<M>['src']}`
  | `after ${DelaysOf<M>}`;

type Leaf<V> = V extends string
  ? V
  : V extends object
    ? { [K in keyof V & string]: `${K}.${Leaf<Exclude<V[K], undefined>>}` }[keyof V & string]
    : never;

/** Every innermost state of `M` as a dotted path, read from its type. */
export type LeafOf<M extends AnyStateMachine> = Leaf<SnapshotFrom<M>['value']>;

/** Makes stimuli that fit `M`. */
export function stimuliOf<M extends AnyStateMachine>() {
  type Source<T extends string> = Extract<ActorsOf<M>, { src: T }>['logic'];
  return {
    event: (event: EventFrom<M>): Stimulus => {
      const sent: AnyEventObject = event;
      return { kind: 'event', type: sent.type, toEvent: () => sent };
    },
    /** An event whose content depends on what the machine remembers. */
    eventFrom: <T extends EventFrom<M>['type']>(
      type: T,
      fill: (context: SnapshotFrom<M>['context']) => Omit<Extract<EventFrom<M>, { type: T }>, 'type'>,
    ): Stimulus => ({ kind: 'event', type, toEvent: (snapshot) => ({ type, ...fill(snapshot.context) }) }),
    done: <T extends PromisesOf<M>['src']>(actor: T, output: OutputFrom<Source<T>>): Stimulus => ({
      kind: 'done',
      actor,
      output,
    }),
    fail: (actor: ActorsOf<M>['src']): Stimulus => ({ kind: 'fail', actor }),
    after: (delay: DelaysOf<M>): Stimulus => ({ kind: 'after', delay }),
  };
}

/** The kind under which a table lists the stimulus. */
export function keyOf(stimulus: Stimulus): string {
  switch (stimulus.kind) {
    case 'event':
      return stimulus.type;
    case 'after':
      return `after ${stimulus.delay}`;
    case 'done':
    case 'fail':
      return `${stimulus.kind} ${stimulus.actor}`;
  }
}

/** The event as the machine gets it, or null where it cannot happen: no such actor runs, no such timer waits. */
export function eventFor(snapshot: AnyMachineSnapshot, stimulus: Stimulus): AnyEventObject | null {
  if (snapshot.status !== 'active') return null;
  switch (stimulus.kind) {
    case 'event':
      return stimulus.toEvent(snapshot);
    case 'done':
    case 'fail':
      return endOfActor(snapshot, stimulus);
    case 'after':
      return endOfTimer(snapshot, stimulus.delay);
  }
}

function endOfActor(snapshot: AnyMachineSnapshot, stimulus: Stimulus & { kind: 'done' | 'fail' }) {
  const id = [...runningActors(snapshot)].find(([, source]) => source === stimulus.actor)?.[0];
  if (id === undefined) return null;
  return stimulus.kind === 'done'
    ? { type: `xstate.done.actor.${id}`, output: stimulus.output, actorId: id }
    : { type: `xstate.error.actor.${id}`, error: new Error('failed'), actorId: id };
}

function endOfTimer(snapshot: AnyMachineSnapshot, delay: string) {
  const timers = snapshot._nodes.flatMap(
    (node: { after: readonly { delay: unknown; eventType: string }[] }) => node.after,
  );
  const timer = timers.find((candidate: { delay: unknown }) => candidate.delay === delay);
  return timer === undefined ? null : { type: timer.eventType };
}
