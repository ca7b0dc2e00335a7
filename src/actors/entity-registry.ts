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
import type { GateChanged } from '../../machines/gates.ts';
import type { EntityTell } from '../../machines/sync.machine.ts';

type EntityActor = ActorRefFrom<typeof entityMachine>;
type Children = Map<string, EntityActor>;

/** What the registry shows of itself. */
export interface RegistryState {
  /** Entities in trouble. */
  readonly live: number;
  /** Between `leadership.taken` and the end of that leadership: nobody is told anything else. */
  readonly leads: boolean;
}

/** What the registry is told. */
export type RegistryEvent =
  | EntityTell
  | GateChanged
  | { type: 'leadership.taken' }
  | { type: 'xstate.stop' }
  | { type: `xstate.done.actor.${string}` }
  | { type: `xstate.error.actor.${string}` };

/**
 * The parent of all entity actors. Children in a machine's own snapshot are copied on every spawn and stop, which grows with
 * their number; here they are kept beside the snapshot, so that each costs the same whether 100 or 10,000 live.
 *
 * Children live for one leadership: while another tab leads, what they know of their entities goes out of date.
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
      const leads = leadsAfter(state.leads, event);
      if (event.type === 'leadership.taken' || !leads) stopAll(children, scope);
      else if (event.type === 'entity.tell') tell(logic, children, event as EntityTell, scope);
      else forgetEnded(children, event.type);
      return state.live === children.size && state.leads === leads ? state : { live: children.size, leads };
    },
    { live: 0, leads: false },
  );
}

function leadsAfter(leads: boolean, event: RegistryEvent): boolean {
  switch (event.type) {
    case 'leadership.taken':
      return true;
    case 'gate.changed': {
      const { source, blocker } = event as GateChanged;
      return leads && !(source === 'leadership' && blocker !== null);
    }
    case 'xstate.stop':
      return false;
    default:
      return leads;
  }
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
