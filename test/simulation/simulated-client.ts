import { Subject } from 'rxjs';
import { createSyncService } from '../../src/index.ts';
import type { PageSignal } from '../../src/ports/environment.ts';
import type { SyncOptions } from '../../src/service/options.ts';
import type { ISyncService } from '../../src/service/sync-service.ts';
import type { SeededNetwork } from '../../src/testing/network/seeded-network.ts';
import type { SeededRandom } from '../../src/testing/seeded-random.ts';
import { createReferenceWatch, type ReferenceWatch } from './reference-watch.ts';
import type { SimulatedDevice } from './simulated-device.ts';
import { createBackendClient } from './world/backend-client.ts';
import type { VirtualDisk } from './world/disk.ts';
import { createFrameTransport } from './world/frame-transport.ts';
import { createProcess, type VirtualProcess } from './world/process.ts';
import { createVirtualTransport } from './world/real-time-transport.ts';
import { collectionNames, type SimulatedCollections } from './world/simulated-entity.ts';
import type { World } from './world/world.ts';
import { createWriteWatch, type WriteWatch } from './world/write-watch.ts';
import { createWriteOracle, type WriteOracle } from './write-oracle.ts';

/** The engine under test, as the app sees it. */
export type SimulatedService = ISyncService<SimulatedCollections>;

/** One tab of a device, or a device with one: its processes come and go. */
export interface SimulatedClient {
  readonly name: string;
  readonly device: SimulatedDevice;
  readonly oracle: WriteOracle;
  readonly disk: VirtualDisk;
  readonly link: SeededNetwork;
  readonly watch: WriteWatch;
  readonly references: ReferenceWatch;
  /** Null while the app is closed or closing. */
  readonly service: SimulatedService | null;
  readonly isReady: boolean;
  /** `gone`: it never opens again. */
  readonly mode: 'open' | 'closing' | 'closed' | 'gone';
  readonly isFrozen: boolean;
  /** Whether another tab may have taken over in this life although this one led and lives. */
  readonly mayBeOvertaken: boolean;
  /** Remote changes told to the app in this life: entity → versions. */
  readonly told: Map<string, number[]>;
  open(): void;
  /** The app closes in an orderly way. */
  close(): void;
  /** The process is gone from one moment to the next. */
  crash(): void;
  /** Whether the process is that of this client's present life. */
  isRunBy(process: VirtualProcess): boolean;
  /** It crashes, and never opens again. */
  retire(): void;
  freeze(): void;
  thaw(): void;
  expireToken(): void;
  renewToken(): void;
  page(signal: PageSignal): void;
}

interface Life {
  readonly process: VirtualProcess;
  readonly service: SimulatedService;
  readonly told: Map<string, number[]>;
  isReady: boolean;
  isFrozen: boolean;
  wasFrozen: boolean;
}

/** A definite no to what the operation says: only that parks it. */
const refusals: ReadonlySet<string> = new Set(['rejected', 'forbidden', 'not-found', 'too-large']);

/** A tab that was never opened. */
export function createSimulatedClient(
  world: World,
  device: SimulatedDevice,
  name: string,
  options: SyncOptions,
): SimulatedClient {
  const { clock, trace, backend, faults, isServerUp } = world;
  const { disk, link } = device;
  const random = world.random.fork(name);
  const shared = { clock, trace, faults, isServerUp };
  const oracle = createWriteOracle(name, device.nextIndex);
  device.oracles.push(oracle);
  const watch = createWriteWatch(name, trace, device);
  const references = createReferenceWatch(world, device, name, () => life?.service ?? null);
  const page$ = new Subject<PageSignal>();
  const listensAtOnce = world.shape.socket === 'frames' && random.fork('real time').chance(0.6);
  let lives = 0;
  let life: Life | null = null;
  let mode: SimulatedClient['mode'] = 'closed';

  const assemble = (process: VirtualProcess, chance: SeededRandom): SimulatedService => {
    const reach = { ...shared, process, backend, link, isAuthorized: () => device.isAuthorized };
    const apiClient = createBackendClient({
      ...reach,
      random: chance.fork('backend'),
      shape: world.shape,
      watch,
      references,
      exchanges: world.exchanges,
      told: device.told,
    });
    if (world.shape.realTime && world.shape.backend !== 'plain') {
      const createTransport = world.shape.socket === 'frames' ? createFrameTransport : createVirtualTransport;
      apiClient.realTime = device.told.listen(createTransport({ ...reach, random: chance.fork('socket') }));
    }
    return createSyncService<SimulatedCollections>(apiClient, {
      ...options,
      storage: disk.open(process),
      environment: {
        clock: process.clock,
        random: chance.fork('engine').next,
        network: link.signals(process),
        ...device.portsOf(process),
        page$: process.watch(page$),
      },
    });
  };
  const noteReset = (process: string, epoch: string | null): void => {
    trace.note(`${process} reports that the backend began ${epoch}`);
    device.resets += 1;
    if (!backend.hasBegun(epoch)) trace.violate(`S39 ${process} reports ${epoch}, which never began`);
  };
  const listen = ({ process, service, told }: Life): void => {
    service.events$.subscribe((event) => {
      if (event.type === 'operation.discarded') {
        const isQueued = (id: string): boolean => service.queue.get(id) !== undefined;
        for (const each of device.oracles) each.noteDiscarded(event.operation, isQueued);
      }
      if (event.type === 'operation.acknowledged' || event.type === 'operation.superseded') {
        for (const each of device.oracles) each.noteEnded(event.operation);
      }
      if (event.type === 'conflict.detected' || event.type === 'conflict.resolved') oracle.noteConflict(event.conflict);
      if (event.type === 'conflict.detected')
        trace.note(`${process.name} finds a conflict of ${event.conflict.collection}/${event.conflict.entityId}`);
      if (event.type === 'server.reset') noteReset(process.name, event.epoch);
      if (event.type === 'operation.parked') {
        trace.fault('parked', `${name} ${event.error.code}`);
        if (!refusals.has(event.error.code)) trace.violate(`G7 ${name} parked an operation for ${event.error.code}`);
      }
    });
    /** How many resets had been reported when what is told of an entity began anew. */
    const resetsAt = new Map<string, number>();
    const resetsBefore = device.hasTabs ? Math.max(0, device.resets - 1) : device.resets;
    /** A tab that could not open the disk is a device of its own (S33). */
    for (const collection of collectionNames) {
      service.realTime.subscribe(collection, (_entity, change) => {
        const key = change.idempotencyKey;
        const sharesKeys = !device.hasTabs || service.getSnapshot().durable;
        const isOwn = key !== undefined && watch.keys.has(key) && !world.exchanges.wasRefused(key);
        if (isOwn && !device.hasRivals && sharesKeys) trace.violate(`G9 ${name} was told of its own ${key}`);
        const { version } = change.record;
        trace.note(`${process.name} is told of ${collection}/${change.id}@${version}`);
        if (version === undefined) return;
        const entityKey = `${collection}/${change.id}`;
        const ordinal = backend.ordinalOf(version);
        const versions = told.get(entityKey) ?? [];
        told.set(entityKey, versions);
        if (ordinal <= (versions.at(-1) ?? 0) && (resetsAt.get(entityKey) ?? resetsBefore) !== device.resets) {
          versions.length = 0;
          resetsAt.set(entityKey, device.resets);
        }
        versions.push(ordinal);
      });
    }
  };

  const crash = (): void => {
    if (mode === 'closed' || mode === 'gone' || !life) return;
    mode = 'closed';
    trace.fault('crash', life.process.name);
    life.process.kill();
  };

  return {
    name,
    device,
    oracle,
    disk,
    link,
    watch,
    references,
    get service() {
      return mode === 'open' && life ? life.service : null;
    },
    get isReady() {
      return mode === 'open' && life !== null && life.isReady;
    },
    get mode() {
      return mode;
    },
    get isFrozen() {
      return mode === 'open' && life !== null && life.isFrozen;
    },
    get mayBeOvertaken() {
      return device.isContested || (device.hasTabs && life !== null && life.wasFrozen);
    },
    get told() {
      return life?.told ?? new Map<string, number[]>();
    },
    open() {
      if (mode !== 'closed' || device.isAsleep) return;
      lives += 1;
      trace.note(`${name} opens, life ${lives}`);
      const process = createProcess(`${name}/${lives}`, clock, () => device.skewMs);
      const service = assemble(process, random.fork(`life ${lives}`));
      const opened: Life = { process, service, told: new Map(), isReady: false, isFrozen: false, wasFrozen: false };
      life = opened;
      mode = 'open';
      watch.reset(() => (process.isAlive ? service.getSnapshot() : null));
      listen(opened);
      service.start();
      if (listensAtOnce) service.enableRealTime();
      service.ready.then(
        () => {
          trace.note(`${process.name} is ready`);
          opened.isReady = true;
          if (!service.getSnapshot().durable) device.hasRivals = true;
        },
        (error: unknown) => {
          trace.violate(`S45 ${process.name} does not become ready: ${String(error)}`);
        },
      );
    },
    close() {
      if (mode !== 'open' || !life || life.isFrozen) return;
      const { process, service } = life;
      mode = 'closing';
      trace.note(`${process.name} closes`);
      void service.close().then(() => {
        if (mode === 'closing') mode = 'closed';
        const { timers, holds } = process.open;
        if (timers + holds > 0)
          trace.violate(`S24 ${process.name} closed with ${timers} timers and ${holds} listeners open`);
        process.kill();
      });
    },
    crash,
    isRunBy: (process) => life?.process === process,
    retire() {
      crash();
      mode = 'gone';
      trace.note(`${name} never opens again`);
    },
    freeze() {
      if (mode !== 'open' || !life || life.isFrozen) return;
      life.isFrozen = life.wasFrozen = true;
      trace.fault('freeze', life.process.name);
      life.process.freeze();
    },
    thaw() {
      if (!life?.isFrozen || device.isAsleep) return;
      life.isFrozen = false;
      trace.note(`${life.process.name} thaws`);
      life.process.thaw();
    },
    expireToken() {
      device.isAuthorized = false;
    },
    renewToken() {
      device.isAuthorized = true;
      if (mode !== 'open') return;
      life?.process.deliver(() => {
        life?.service.authRenewed();
      });
    },
    page(signal) {
      page$.next(signal);
    },
  };
}
