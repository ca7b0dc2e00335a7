import type { ISyncEntity } from '../../src/core/entity.ts';
import { SyncError } from '../../src/core/errors.ts';
import type { Write } from '../../src/service/collection.ts';
import type { SeededRandom } from '../../src/testing/seeded-random.ts';
import type { EffectLedger } from './effect-ledger.ts';
import type { SimulatedClient, SimulatedService } from './simulated-client.ts';
import { blank, marked, marksOf, refusedNote, type CollectionName, type Task } from './world/simulated-entity.ts';
import type { World } from './world/world.ts';
import type { WriteEntry } from './write-oracle.ts';

/** Something an app does with an entity. */
export interface Target {
  readonly collection: CollectionName;
  readonly id: string;
}

/** What a form showed when it was opened. */
interface Form {
  readonly target: Target;
  readonly entity: Task & ISyncEntity;
  readonly service: SimulatedService;
  /** How often the backend had begun anew by then: what it showed before says nothing now. */
  readonly resets: number;
}

/** S13: so many states of an entity can still be written against. */
const keptBases = 8;

/** The app of one client: it writes, and remembers what it was told. */
export interface AppActions {
  /** Creates or replaces. */
  put(target: Target): void;
  /** Adds a mark to an entity that is there; else creates it. */
  patch(target: Target): void;
  /** Changes the field that everybody changes with this: whoever does it at the same time contradicts. */
  rename(target: Target): void;
  delete(target: Target): void;
  /** `syncEntity`. */
  sync(target: Target): void;
  batch(targets: readonly Target[]): void;
  /** Creates a task and what refers to it, in either order. */
  family(parent: string, child: Target): void;
  /** Reads an entity as a form would; `submit` writes it back, however much later. */
  openForm(target: Target): void;
  submitForm(): void;
}

/** The app of one client, with chance of its own. */
export function createAppActions(
  world: World,
  client: SimulatedClient,
  ledger: EffectLedger,
  random: SeededRandom,
): AppActions {
  const { trace, shape, backend } = world;
  const { name, oracle, device } = client;
  const { storageErrors, storageStalls } = world.faults();
  let form: Form | null = null;

  const serviceOf = (): SimulatedService => client.service as SimulatedService;
  const seenOf = ({ collection, id }: Target): readonly string[] => marksOf(serviceOf().collection(collection).get(id));
  const operationIdsOf = ({ collection, id }: Target): readonly string[] =>
    serviceOf()
      .queue.list()
      .filter((operation) => operation.collection === collection && operation.entityId === id)
      .map((operation) => operation.id);
  /** What refers to a task may be given another, also one that nobody but this client knows yet. */
  const drawParent = ({ collection }: Target): Partial<Task> => {
    if (!shape.references || collection !== 'notes' || random.chance(0.5)) return {};
    const tasks = serviceOf().collection('tasks').list();
    return tasks.length > 0 ? { task: random.pick(tasks).id } : {};
  };
  const draw = (target: Target): { readonly mark: string; readonly change: Partial<Task> } => {
    const mark = oracle.nextMark(random.chance(0.5));
    const note = random.chance(world.faults().refused) ? refusedNote : `${mark} was here`;
    const change: Partial<Task>[] = [{}, { note }, { nested: { [random.pick(['a', 'b', name])]: random.int(10) } }];
    return { mark, change: { ...random.pick(change), ...drawParent(target) } };
  };
  /** Where the disk could not be opened, everything is in memory, and the state says so (S33). */
  const keeps = (service: SimulatedService): boolean => service.getSnapshot().durable;
  const follow = (entry: WriteEntry, { operationId, durable, synced }: Write<unknown>): void => {
    const service = serviceOf();
    if (operationId === null) {
      trace.violate(`S8 ${name} wrote ${entry.mark ?? 'a delete'} and was told that nothing changed`);
      return;
    }
    entry.operationId = operationId;
    durable.then(
      () => {
        if (keeps(service)) entry.durable = 'yes';
      },
      (error: unknown) => {
        entry.durable = 'no';
        entry.refusedBy = service;
        noteRefusal(entry, error);
      },
    );
    synced.then(
      () => {
        entry.synced = true;
        checkSynced(entry);
      },
      () => undefined,
    );
  };
  const noteRefusal = (entry: WriteEntry, error: unknown): void => {
    const code = error instanceof SyncError ? error.code : String(error);
    trace.note(`${name} was told that ${entry.mark ?? 'a delete'} is not durable: ${code}`);
    if (code !== 'storage-failed') trace.violate(`G19 ${name}: durable rejected with ${code}`);
    if (storageErrors + storageStalls > 0 || client.mayBeOvertaken) return;
    trace.violate(
      `G18 ${name}: durable rejected though storage and locks were well and the tab awake: ${String(error)}`,
    );
  };
  const checkSynced = ({ mark, collection, id }: WriteEntry): void => {
    if (mark === null || device.hasRivals || ledger.hasApplied(mark) || ledger.hasLost(mark)) return;
    const hasRecord = device.oracles.some(({ conflicts }) =>
      [...conflicts.values()].some((r) => r.collection === collection && r.entityId === id),
    );
    const hasDelete = device.oracles.some(({ writes }) =>
      writes.some((e) => e.mark === null && e.collection === collection && e.id === id),
    );
    if (!hasRecord && !hasDelete) trace.violate(`G2 ${name} was told that ${mark} is synced before it took effect`);
  };
  const record = (target: Target, mark: string | null): WriteEntry => {
    client.references.writes(target.collection, target.id);
    return oracle.record({ ...target, mark, seen: seenOf(target) });
  };
  const write = (target: Target, mark: string | null, run: () => Write<unknown>): void => {
    trace.note(`${name} writes ${mark ?? 'a delete'} to ${target.collection}/${target.id}`);
    const entry = record(target, mark);
    follow(entry, run());
    checkView(target, mark);
  };
  const checkView = (target: Target, mark: string | null): void => {
    const entity = serviceOf().collection(target.collection).get(target.id);
    const isShown = mark === null ? entity === undefined : marksOf(entity).includes(mark);
    if (!isShown)
      trace.violate(`S9 ${name} does not show ${mark ?? 'the delete'} of ${target.id} right after the call`);
  };
  const fresh = (id: string, mark: string, change: Partial<Task>): Task => marked(blank(id), mark, change);

  const put = (target: Target): void => {
    const { mark, change } = draw(target);
    const tasks = serviceOf().collection(target.collection);
    const current = tasks.get(target.id);
    write(target, mark, () => tasks.put(current ? marked(current, mark, change) : fresh(target.id, mark, change)));
  };
  const patch = (target: Target): void => {
    const tasks = serviceOf().collection(target.collection);
    const current = tasks.get(target.id);
    if (!current) {
      put(target);
      return;
    }
    const { mark, change } = draw(target);
    const { id: _id, ...fields } = marked(current, mark, change);
    const byFunction = random.chance(0.5);
    write(target, mark, () =>
      byFunction ? tasks.patch(target.id, (now) => marked(now, mark, change)) : tasks.patch(target.id, fields),
    );
  };

  return {
    put,
    patch,
    rename(target) {
      const tasks = serviceOf().collection(target.collection);
      const current = tasks.get(target.id);
      if (!current) return put(target);
      const mark = oracle.nextMark(false);
      const { id: _id, ...fields } = marked(current, mark, { note: `named by ${mark}` });
      write(target, mark, () => tasks.patch(target.id, fields));
    },
    delete(target) {
      const tasks = serviceOf().collection(target.collection);
      if (!shape.deletes || !tasks.has(target.id)) {
        patch(target);
        return;
      }
      ledger.stopCounting(target.collection, target.id);
      write(target, null, () => tasks.delete(target.id));
    },
    sync(target) {
      const { mark, change } = draw(target);
      const service = serviceOf();
      const current = service.collection(target.collection).get(target.id);
      const entity = current ? marked(current, mark, change) : fresh(target.id, mark, change);
      trace.note(`${name} syncs ${mark} to ${target.collection}/${target.id}`);
      const entry = record(target, mark);
      const before = new Set(operationIdsOf(target));
      const synced = service.syncEntity(target.collection, entity);
      entry.operationId = operationIdsOf(target).find((id) => !before.has(id)) ?? null;
      synced.then(
        () => {
          if (keeps(service)) entry.durable = 'yes';
        },
        (error: unknown) => {
          const code = error instanceof SyncError ? error.code : String(error);
          if (code === 'storage-failed') entry.durable = 'no';
          else if (!['parked', 'conflict-open', 'closed', 'discarded'].includes(code)) {
            trace.violate(`S21 ${name}: syncEntity rejected with ${code}`);
          }
        },
      );
      checkView(target, mark);
    },
    batch(targets) {
      serviceOf().batch(() => {
        for (const target of targets) patch(target);
      });
    },
    family(parent, child) {
      const mark = oracle.nextMark(false);
      const note = random.chance(world.faults().refused * 10) ? refusedNote : '';
      const tasks = serviceOf().collection('tasks');
      const notes = serviceOf().collection(child.collection);
      const current = notes.get(child.id);
      const own = oracle.nextMark(false);
      const parentFirst = random.chance(0.7);
      const putParent = (): void =>
        write({ collection: 'tasks', id: parent }, mark, () => tasks.put(fresh(parent, mark, { note })));
      if (parentFirst) putParent();
      write(child, own, () => notes.put(marked(current ?? blank(child.id), own, { task: parent })));
      if (!parentFirst) putParent();
    },
    openForm(target) {
      const tasks = serviceOf().collection(target.collection);
      const entity = tasks.get(target.id);
      if (entity?.version !== undefined && tasks.status(target.id) === 'synced')
        form = { target, entity, service: serviceOf(), resets: device.resets };
    },
    submitForm() {
      if (!form) return;
      const { target, entity, service, resets } = form;
      form = null;
      if (resets !== device.resets) return;
      const tasks = serviceOf().collection(target.collection);
      const current = tasks.get(target.id);
      const passed = backend.states(target.collection, target.id).length - backend.ordinalOf(entity.version ?? 0);
      const isForgotten = service !== serviceOf() || passed >= keptBases;
      const isSameBase = current?.version === undefined || current.version === entity.version;
      const isOverOwnWrite = tasks.status(target.id) !== 'synced' && isSameBase;
      if (!current || isOverOwnWrite) return;
      const mark = oracle.nextMark(shape.strategy === 'merge' && random.chance(0.5));
      trace.note(`${name} submits a form of ${target.id} read at version ${entity.version}`);
      if (isForgotten) {
        ledger.stopCounting(target.collection, target.id);
        oracle.noteLateForm(mark);
      }
      follow(record(target, mark), tasks.put(marked(entity, mark)));
    },
  };
}
