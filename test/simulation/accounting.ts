import type { ConflictRecord } from '../../src/core/conflict.ts';
import type { ISyncOperation } from '../../src/core/operation.ts';
import type { EffectLedger, Removal } from './effect-ledger.ts';
import type { SimulatedClient } from './simulated-client.ts';
import { marksOf } from './world/simulated-entity.ts';
import type { World } from './world/world.ts';
import type { WriteEntry } from './write-oracle.ts';

/** Says of every durable write where it is. What nobody can account for is lost. */
export interface Accounting {
  /** G1, G6, G7: looks at all that is known now and reports what cannot be explained. */
  check(): void;
  /** At the end: nothing may be on its way any more. */
  checkSettled(): void;
}

/** Accounts for the writes of all clients of a world. */
export function createAccounting(world: World, ledger: EffectLedger, clients: readonly SimulatedClient[]): Accounting {
  const { trace, shape, exchanges } = world;

  const recordsOf = (collection: string, id: string): readonly ConflictRecord[] =>
    clients.flatMap(({ oracle }) =>
      [...oracle.conflicts.values()].filter((record) => record.collection === collection && record.entityId === id),
    );
  const isDecidedAway = (mark: string, collection: string, id: string): boolean =>
    recordsOf(collection, id).some(({ local, remote, status, resolved }) => {
      const isConcerned = [...marksOf(local), ...marksOf(remote)].includes(mark);
      return isConcerned && (status === 'open' || !marksOf(resolved).includes(mark));
    });
  /** By the same tab, or by another one of the device, which saw it. */
  const isDeletedLater = ({ device, oracle }: SimulatedClient, entry: WriteEntry, mark: string): boolean =>
    device.oracles.some(({ client, writes }) =>
      writes.some(
        (later) =>
          later.mark === null &&
          (client === oracle.client ? later.index > entry.index : later.seen.includes(mark)) &&
          later.collection === entry.collection &&
          later.id === entry.id &&
          later.durable !== 'no',
      ),
    );
  const isHeld = ({ service }: SimulatedClient, entry: WriteEntry, mark: string, held: Holdings): boolean => {
    const operations = held.operationsOf(entry);
    if (operations.length === 0) return false;
    const shown = [service?.collection(entry.collection).get(entry.id), ...held.contested().map(({ local }) => local)];
    return shown.some((entity) => marksOf(entity).includes(mark)) || JSON.stringify(operations).includes(`"${mark}"`);
  };
  /** By a tab, or by the disk, where it waits for the tab that leads. */
  const isHeldByDevice = (client: SimulatedClient, entry: WriteEntry, mark: string, held: Holdings): boolean =>
    isHeld(client, entry, mark, held) ||
    (client.device.hasTabs &&
      [...client.device.disk.content.values()].some((record) => String(record).includes(`"${mark}"`)));
  const whereabouts = ({ name, service }: SimulatedClient, entry: WriteEntry, held: Holdings): string => {
    const operations = held.operationsOf(entry);
    const view = service?.collection(entry.collection).get(entry.id);
    return `${name} has ${JSON.stringify(operations)}, shows ${JSON.stringify(view)}`;
  };
  /** The backend acknowledged it, or showed that it has it, and came back from a backup without it (S39). */
  const isLostByBackend = ({ device }: SimulatedClient, mark: string): boolean =>
    ledger.hasLost(mark) && device.told.knowsMark(mark);
  const isDeletionLostByBackend = (
    { device: { told, keys } }: SimulatedClient,
    { collection, id }: WriteEntry,
  ): boolean => {
    const isAnswered = (key: string): boolean =>
      told.knowsKey(key) || told.knowsGone(collection, id) || (keys.has(key) && told.knowsAbsent(collection, id));
    return ledger.lostDeletions(collection, id).some(isAnswered);
  };
  /** The backend had lost it when it was to be deleted, and said that there is nothing; then its writer made it anew. */
  const isMadeAnew = ({ device }: SimulatedClient, { collection, id }: WriteEntry, mark: string): boolean =>
    device.told.knowsAbsent(collection, id, ledger.restoreWithout(mark));
  const isSettled = (client: SimulatedClient, entry: WriteEntry, mark: string): boolean =>
    ledger.hasApplied(mark) ||
    entry.discarded ||
    isLostByBackend(client, mark) ||
    isDeletedLater(client, entry, mark) ||
    isDecidedAway(mark, entry.collection, entry.id);

  const checkWrites = (allowHeld: boolean): void => {
    for (const client of clients) {
      if (!client.isReady && !(client.mode === 'gone' && !allowHeld)) continue;
      const held = readHoldings(client);
      for (const entry of client.oracle.writes) {
        const { mark } = entry;
        if (mark === null || entry.durable !== 'yes' || isSettled(client, entry, mark)) continue;
        if (allowHeld && isHeldByDevice(client, entry, mark, held)) continue;
        trace.violate(
          `G1 ${mark} of ${entry.collection}/${entry.id} was durable and is nowhere: ${whereabouts(client, entry, held)}`,
        );
      }
    }
  };
  /** Only as long as the process lives: what a hanging storage keeps after all is found by the next one. */
  const checkRefused = (): void => {
    for (const { oracle, service } of clients) {
      for (const { mark, refusedBy } of oracle.writes) {
        if (refusedBy === null || refusedBy !== service || mark === null || !ledger.hasApplied(mark)) continue;
        trace.violate(`G19 ${mark} took effect although the app was told that it is not stored`);
      }
    }
  };
  const isIntended = ({ mark, row }: Removal): boolean => {
    const { collection, entityId, idempotencyKey } = row.request;
    const writer = clients.find(({ watch }) => watch.hasSent(idempotencyKey));
    const writes = (writer?.device.oracles ?? []).flatMap((oracle) => oracle.writes);
    const deletes = writes.filter((e) => e.mark === null && e.collection === collection && e.id === entityId);
    const written = writes.find((e) => e.mark === mark);
    // Of one user's tabs the later has the last word, also about what it was not shown yet.
    return deletes.some(({ seen, index }) => seen.includes(mark) || (written !== undefined && written.index < index));
  };
  /** Where nothing is checked, what was written between the look at an entity and the arrival of a write is overwritten (S36). */
  const isOverwritten = ({ mark, broughtBy, row: { request } }: Removal): boolean => {
    const isUnseen = shape.backend === 'plain' && broughtBy > exchanges.changesSeen(request.idempotencyKey);
    if (isUnseen) trace.fault('overwritten', `${mark} of ${request.collection}/${request.entityId}`);
    return isUnseen;
  };
  const checkRemovals = (): void => {
    for (const removal of ledger.takeRemovals()) {
      const { collection, entityId, type } = removal.row.request;
      if (isIntended(removal) || isOverwritten(removal) || isDecidedAway(removal.mark, collection, entityId)) continue;
      trace.violate(`G6 a ${type} of ${collection}/${entityId} took ${removal.mark} away and no conflict says so`);
    }
  };
  /** Another tab changed what the deletion took away, or made the same, and neither knew of the other: the change survives. */
  const isOutlived = ({ device, name }: SimulatedClient, deletion: WriteEntry, left: readonly string[]): boolean =>
    device.oracles.some(
      ({ client, writes, edits }) =>
        client !== name &&
        (edits.has(`${deletion.collection}/${deletion.id}`) ||
          writes.some(
            ({ mark, seen, collection, id }) =>
              mark !== null &&
              collection === deletion.collection &&
              id === deletion.id &&
              !deletion.seen.includes(mark) &&
              (seen.length === 0 || left.some((each) => seen.includes(each))),
          )),
    );
  /** A deletion has no mark of its own: what it was made of must have gone. */
  const checkDeletes = (): void => {
    for (const client of clients) {
      for (const entry of client.oracle.writes) {
        const { mark, collection, id, seen, durable, discarded } = entry;
        if (mark !== null || durable !== 'yes' || discarded || recordsOf(collection, id).length > 0) continue;
        const isLeft = (each: string): boolean => ledger.hasApplied(each) && !ledger.hasRemoved(each);
        const left = seen.filter((each) => isLeft(each) && !isMadeAnew(client, entry, each));
        if (left.length === 0 || isOutlived(client, entry, left) || isDeletionLostByBackend(client, entry)) continue;
        trace.violate(`G1 ${client.name} deleted ${collection}/${id} durably, and ${left.join(' ')} never went`);
      }
    }
  };

  return {
    check() {
      checkRemovals();
      checkRefused();
      checkWrites(true);
    },
    checkSettled() {
      checkRemovals();
      checkWrites(false);
      checkDeletes();
    },
  };
}

interface Holdings {
  operationsOf(entry: WriteEntry): readonly ISyncOperation[];
  contested(): readonly ConflictRecord[];
}

/** What a client holds at this moment, read at most once for all its writes. */
function readHoldings({ service }: SimulatedClient): Holdings {
  let operations: readonly ISyncOperation[] | undefined;
  let contested: readonly ConflictRecord[] | undefined;
  return {
    operationsOf({ collection, id }) {
      operations ??= service?.queue.list() ?? [];
      return operations.filter((operation) => operation.collection === collection && operation.entityId === id);
    },
    contested: () => (contested ??= service?.conflicts.list() ?? []),
  };
}
