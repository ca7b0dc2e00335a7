import type { ISyncEntity, Version } from '../../src/core/entity.ts';
import type { ISyncOperation } from '../../src/core/operation.ts';
import type { SimulatedClient, SimulatedService } from './simulated-client.ts';
import { collectionNames } from './world/simulated-entity.ts';
import type { World } from './world/world.ts';

/** What must hold of a client at every step. */
export interface Invariants {
  check(client: SimulatedClient): void;
}

/** The newest version seen of an entity, and how many resets had been reported when it last went back. */
interface Seen {
  readonly ordinal: number;
  readonly resets: number;
}

/** Judges clients by the backend of their world. */
export function createInvariants({ trace, backend, shape }: World): Invariants {
  /** Of strings nobody can know which is the later. */
  const isOrdered = shape.versions === 'number';
  const seenOrdinals = new WeakMap<SimulatedService, Map<string, Seen>>();
  const leaders = new WeakSet<SimulatedService>();
  const leading = new WeakSet<SimulatedService>();

  const checkCounts = (name: string, service: SimulatedService, listed: number): void => {
    const { pending, parked, conflicts } = service.getSnapshot();
    const { size } = service.queue;
    if (pending + parked + conflicts !== listed || size !== listed) {
      trace.violate(`S25 ${name} counts ${pending} + ${parked} + ${conflicts}, size ${size}, lists ${listed}`);
    }
  };
  const checkStatuses = (name: string, service: SimulatedService, listed: readonly ISyncOperation[]): void => {
    const queued = new Set(listed.map(({ collection, entityId }) => `${collection}/${entityId}`));
    for (const collection of collectionNames) {
      for (const { id } of service.collection(collection).list()) {
        const status = service.collection(collection).status(id);
        if ((status === 'synced') === queued.has(`${collection}/${id}`)) {
          trace.violate(
            `S25 ${name} says ${status} of ${collection}/${id}, queued: ${queued.has(`${collection}/${id}`)}`,
          );
        }
      }
    }
  };
  /** One that led and was overtaken takes back what it had not stored, until the next leader tells it. */
  const wasDeposed = (client: SimulatedClient, service: SimulatedService): boolean => {
    const { role } = service.getSnapshot();
    if (role === 'leader') leaders.add(service);
    return client.mayBeOvertaken && role !== 'leader' && leaders.has(service);
  };
  const checkVersions = ({ name, device }: SimulatedClient, service: SimulatedService): void => {
    const seen = seenOrdinals.get(service) ?? new Map<string, Seen>();
    seenOrdinals.set(service, seen);
    // A tab that follows hears of a reset a little after the one that leads.
    const first = { ordinal: 0, resets: device.hasTabs ? Math.max(0, device.resets - 1) : device.resets };
    const look = (key: string, version: Version | undefined): void => {
      if (version === undefined) return;
      const ordinal = backend.ordinalOf(version);
      const before = seen.get(key) ?? first;
      const goesBack = ordinal < before.ordinal;
      if (goesBack && before.resets === device.resets)
        trace.violate(`G10 ${name} went from version ${before.ordinal} of ${key} back to ${ordinal}`);
      seen.set(key, { ordinal, resets: goesBack ? device.resets : before.resets });
    };
    for (const collection of collectionNames) {
      const entities = service.collection(collection);
      for (const { id, version } of entities.list()) {
        if (entities.status(id) === 'synced') look(`${collection}/${id}`, version);
      }
    }
  };
  /** Another tab may take over between telling and storing: then it is told again, and never of an older state. */
  const checkTold = ({ name, told, device }: SimulatedClient): void => {
    const isAfter = (ordinal: number, before: number): boolean =>
      ordinal > before || (device.hasTabs && ordinal === before);
    for (const [key, ordinals] of told) {
      const wrong = ordinals.findIndex((ordinal, at) => at > 0 && !isAfter(ordinal, ordinals[at - 1] ?? 0));
      if (wrong > 0) trace.violate(`G10 ${name} was told of ${key} in the order ${ordinals.join(', ')}`);
    }
  };

  /** What a leader told and had not stored when it was overtaken is told again by the next one. */
  const forgetUnstored = (client: SimulatedClient): void => {
    const { service, told } = client;
    if (!service) return;
    if (service.getSnapshot().role === 'leader') leading.add(service);
    else if (leading.delete(service) && client.mayBeOvertaken) told.clear();
  };

  return {
    check(client) {
      forgetUnstored(client);
      if (isOrdered && !client.device.hasRivals) checkTold(client);
      if (!client.isReady || !client.service) return;
      const { name, service } = client;
      const operations = service.queue.list();
      checkCounts(name, service, operations.length);
      checkStatuses(name, service, operations);
      client.references.look(operations);
      if (wasDeposed(client, service)) seenOrdinals.delete(service);
      else if (isOrdered) checkVersions(client, service);
      for (const record of service.conflicts.list()) client.oracle.noteConflict(record);
    },
  };
}

/** Why the clients do not show what the backend holds, or null when they do (G4, G5). */
export function findDivergence({ backend }: World, clients: readonly SimulatedClient[]): string | null {
  for (const { name, service, mode } of clients) {
    if (mode === 'gone') continue;
    if (!service) return `${name} is not open`;
    const state = service.getSnapshot();
    if (service.queue.size > 0) {
      const operations = service.queue.list().map((op) => `${op.type} ${op.collection}/${op.entityId} ${op.status}`);
      return `${name} still has ${operations.join(', ')}; ${JSON.stringify(state)}`;
    }
    for (const collection of collectionNames) {
      const shown = textsById(service.collection(collection).list());
      const held = textsById(backend.live(collection));
      for (const id of new Set([...shown.keys(), ...held.keys()])) {
        if (shown.get(id) === held.get(id)) continue;
        return `${name} shows of ${collection}/${id}\n    ${shown.get(id)}, the backend has\n    ${held.get(id)}`;
      }
    }
  }
  return null;
}

function textsById(entities: Iterable<ISyncEntity>): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const { updatedAt: _updatedAt, ...content } of entities) {
    const fields = Object.entries(content).sort(([a], [b]) => (a < b ? -1 : 1));
    texts.set(content.id, JSON.stringify(Object.fromEntries(fields)));
  }
  return texts;
}
