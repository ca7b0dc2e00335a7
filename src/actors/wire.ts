import type { AnyStateMachine } from 'xstate';

type Implementations<M extends AnyStateMachine> = Parameters<M['provide']>[0];
type Named<M extends AnyStateMachine, K extends 'actors' | 'delays'> = Required<NonNullable<Implementations<M>[K]>>;

/** Everything a machine leaves open: each actor and each delay must be given, or it does not compile. */
export type Wires<M extends AnyStateMachine> = {
  readonly actors: Named<M, 'actors'>;
  readonly delays: Named<M, 'delays'>;
};

/** The machine with its actors and delays. The one place where machines get them: a missing actor would hang silently. */
export function wire<M extends AnyStateMachine>(machine: M, wires: Wires<M>): M {
  return machine.provide(wires as unknown as Implementations<M>) as unknown as M;
}
