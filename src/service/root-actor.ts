import { Subject } from 'rxjs';
import { createActor, type Actor, type AnyActorRef, type InspectionEvent } from 'xstate';
import type { EntityEvent, Trouble } from '../../machines/entity.machine.ts';
import type { SyncEvent, SyncInput, syncMachine } from '../../machines/sync.machine.ts';
import type { Clock } from '../ports/environment.ts';
import type { EntitySlot } from '../store/replica.ts';
import type { MachineSnapshot } from './machine-states.ts';

/** The root machine at work. What is sent to it before its start or after its end is left out. */
export interface RootActor {
  readonly actor: Actor<typeof syncMachine>;
  /** Where a machine below it stands; undefined: it does not run. */
  snapshotOf(id: string): MachineSnapshot | undefined;
  send(event: SyncEvent): void;
  /** Tells the actor of an entity, which `trouble` makes if there is none. */
  tell(slot: EntitySlot, event: EntityEvent, trouble?: Trouble): void;
  start(): void;
  /** Ends it in an orderly way. */
  stop(): Promise<void>;
}

/** Does not run before `start`. What `inspect` throws is reported as uncaught, and stops nothing. */
export function createRootActor(
  logic: typeof syncMachine,
  clock: Clock,
  input: SyncInput,
  inspect: ((event: InspectionEvent) => void) | undefined,
): RootActor {
  const inspected = new Subject<InspectionEvent>();
  inspected.subscribe(inspect);
  const actor = createActor(logic, {
    clock: { setTimeout: (run, ms) => clock.setTimeout(run, ms), clearTimeout: (id) => clock.clearTimeout(id) },
    input,
    ...(inspect ? { inspect: inspected } : {}),
  });

  function send(event: SyncEvent): void {
    if (actor.getSnapshot().status === 'active') actor.send(event);
  }

  return {
    actor,
    snapshotOf: (id) => (actor.system.get(id) as AnyActorRef | undefined)?.getSnapshot(),
    send,
    tell({ collection, id: entityId }, event, trouble) {
      send({ type: 'entity.tell', collection, entityId, event, ...(trouble ? { trouble } : {}) });
    },
    start() {
      actor.subscribe({ error: () => undefined });
      actor.start();
    },
    stop() {
      return new Promise<void>((resolve) => {
        actor.subscribe({ complete: resolve, error: () => resolve() });
        actor.send({ type: 'service.close' });
      });
    },
  };
}
