import {
  createActor,
  fromTransition,
  type ActorRefFrom,
  type ActorSystem,
  type AnyActorRef,
  type AnyActorScope,
  type TransitionActorLogic,
} from 'xstate';
import type { entityMachine } from '../../machines/entity.machine.ts';
import type { EntityTell } from '../../machines/sync.machine.ts';

type EntityActor = ActorRefFrom<typeof entityMachine>;
type Children = Map<string, EntityActor>;

export interface RegistryState {
  /** Entities in trouble. */
  readonly live: number;
}

export type RegistryEvent =
  | EntityTell
  | { type: 'xstate.stop' }
  | { type: `xstate.done.actor.${string}` }
  | { type: `xstate.error.actor.${string}` };

/**
 * The parent of all entity actors. Children in a machine's own snapshot are copied on every spawn and stop, which grows with
 * their number; here they are kept beside the snapshot, so that each costs the same whether 100 or 10,000 live.
 */
export function createEntityRegistry(
  logic: typeof entityMachine,
): TransitionActorLogic<RegistryState, RegistryEvent, undefined> {
  const childrenByRegistry = new WeakMap<AnyActorRef, Children>();

  // oxlint-disable-next-line typescript/no-explicit-any -- the system's own type parameter
  return fromTransition<RegistryState, RegistryEvent, ActorSystem<any>, undefined>(
    (state, event, scope) => {
      const { self } = scope;
      let children = childrenByRegistry.get(self);
      if (!children) childrenByRegistry.set(self, (children = new Map()));
      if (event.type === 'entity.tell') tell(logic, children, event as EntityTell, scope);
      else if (event.type === 'xstate.stop') stopAll(children, scope);
      else forgetEnded(children, event.type);
      return state.live === children.size ? state : { live: children.size };
    },
    { live: 0 },
  );
}

function tell(
  logic: typeof entityMachine,
  children: Children,
  event: EntityTell,
  { self, defer }: AnyActorScope,
): void {
  const { collection, entityId, trouble } = event;
  const id = `${collection}/${entityId}`;
  const child = children.get(id);
  if (child?.getSnapshot().status === 'active') return defer(() => child.send(event.event));
  if (!trouble) return;
  const born = createActor(logic, { parent: self, id, input: { collection, entityId, trouble } }) as EntityActor;
  children.set(id, born);
  defer(() => born.start());
}

function stopAll(children: Children, { stopChild }: AnyActorScope): void {
  for (const child of children.values()) stopChild(child);
  children.clear();
}

function forgetEnded(children: Children, type: string): void {
  const id = /^xstate\.(?:done|error)\.actor\.([\s\S]*)$/.exec(type)?.[1];
  if (id !== undefined && children.get(id)?.getSnapshot().status !== 'active') children.delete(id);
}
