import type { ISyncEntity } from '../core/entity.ts';
import { parsePointer } from '../core/pointer.ts';
import { newestKnown, viewOf } from '../store/entity-state.ts';
import type { EntitySlot } from '../store/replica.ts';
import { compareOperations } from '../store/operation-order.ts';

/**
 * Who waits for whom (S7): what refers to an entity that was refused, or that the backend does not have yet, waits for it;
 * a deletion waits for earlier changes of what refers to it. Nobody waits for a decision of the app about a conflict. Entities that refer
 * to each other go in issue order.
 */
export interface References {
  /** Something else has to come before what would be sent of it now. */
  isHeld(slot: EntitySlot): boolean;
  /** It waits, at whatever distance, behind an entity that was refused. */
  isBehindRefused(slot: EntitySlot): boolean;
  /** The entity changed. Gives the others that stand otherwise now. */
  update(slot: EntitySlot): readonly EntitySlot[];
}

export interface ReferenceParts {
  /** The collection that each JSON Pointer of a collection refers to. */
  declared(collection: string): Readonly<Record<string, string>> | undefined;
  find(collection: string, id: string): EntitySlot | undefined;
  /** What would be sent of the entity now: what is not durable yet takes no part. */
  sealable(slot: EntitySlot): ISyncEntity | null;
  /** Nothing of the entity is sent before the app decides. */
  awaitsApp(slot: EntitySlot): boolean;
}

interface Pointing {
  readonly tokens: readonly string[];
  readonly collection: string;
}

const nobody: readonly EntitySlot[] = [];

/** Where no collection declares what its entities refer to. */
export const noReferences: References = {
  isHeld: () => false,
  isBehindRefused: () => false,
  update: () => nobody,
};

export function createReferences({ declared, find, sealable, awaitsApp }: ReferenceParts): References {
  const pointingByCollection = new Map<string, readonly Pointing[]>();
  const targetsBySlot = new Map<EntitySlot, ReadonlySet<string>>();
  const referrersByKey = new Map<string, Set<EntitySlot>>();
  const behindRefused = new Set<EntitySlot>();

  function pointingsOf(collection: string): readonly Pointing[] {
    let pointings = pointingByCollection.get(collection);
    if (!pointings) {
      pointings = Object.entries(declared(collection) ?? {}).map(([pointer, target]) => ({
        tokens: parsePointer(pointer),
        collection: target,
      }));
      pointingByCollection.set(collection, pointings);
    }
    return pointings;
  }

  /** Keys of what an entity refers to: an id, or a list of ids, at each pointer. */
  function keysIn(collection: string, entity: unknown): string[] {
    if (entity === null || entity === undefined) return [];
    return pointingsOf(collection).flatMap((pointing) =>
      [valueAt(entity, pointing.tokens)]
        .flat()
        .filter((id) => typeof id === 'string')
        .map((id) => `${pointing.collection}/${id}`),
    );
  }

  const slotAt = (key: string) => {
    const at = key.indexOf('/');
    return find(key.slice(0, at), key.slice(at + 1));
  };
  const referrersOf = (slot: EntitySlot) => referrersByKey.get(`${slot.collection}/${slot.id}`) ?? nobody;
  const wantedBy = (slot: EntitySlot, entity = viewOf(slot.state)) =>
    keysIn(slot.collection, entity)
      .map(slotAt)
      .filter((target) => target !== undefined && target !== slot);

  /**
   * The backend is to have it, and does not yet, or not again where its deletion is under way, or not for all that is known: also
   * where the app deleted it while its create was under way, or a strategy has yet to say whether it is made again.
   */
  function isUnsent(slot: EntitySlot): boolean {
    const { work } = slot.state;
    if (work === null || (work.conflict && awaitsApp(slot))) return false;
    const underWay = work.request?.type;
    if (underWay === 'create') return true;
    return work.view !== null && (underWay === 'delete' || !newestKnown(slot.state)?.entity);
  }

  /** Whether one unsent entity leads to the other along what they refer to. */
  function leadsTo(from: EntitySlot, to: EntitySlot): boolean {
    const seen = new Set([from]);
    for (const each of seen) {
      for (const target of wantedBy(each)) {
        if (target === to) return true;
        if (target && isUnsent(target)) seen.add(target);
      }
    }
    return false;
  }

  const isOpen = ({ state: { work } }: EntitySlot) => work !== null && !work.request && !work.refusal && !work.conflict;

  /** What holds the entity back where it is to be sent as `entity`: null for nothing. */
  function findHold(slot: EntitySlot, entity: ISyncEntity | null): 'refused' | 'unsent' | null {
    let hold: 'unsent' | null = null;
    for (const target of wantedBy(slot, entity)) {
      if (!target) continue;
      const mustWait = isUnsent(target) && (isEarlier(target, slot) || !leadsTo(target, slot));
      if (target.state.work?.refusal || (mustWait && behindRefused.has(target))) return 'refused';
      if (mustWait) hold = 'unsent';
    }
    if (entity !== null) return hold;
    for (const referrer of referrersOf(slot)) {
      if (referrer === slot || referrer.state.work?.conflict || !isEarlier(referrer, slot)) continue;
      if (referrer.state.work?.refusal || behindRefused.has(referrer)) return 'refused';
      hold = 'unsent';
    }
    return hold;
  }

  const keysOf = (slot: EntitySlot) => [...(targetsBySlot.get(slot) ?? [])];

  /** Notes what the entity refers to; gives what it does and did. */
  function register(slot: EntitySlot): string[] {
    const { work, base } = slot.state;
    const before = new Set(targetsBySlot.get(slot));
    const now = new Set(work ? [...keysIn(slot.collection, work.view), ...keysIn(slot.collection, base?.entity)] : []);
    for (const key of before) {
      if (now.has(key)) continue;
      const referrers = referrersByKey.get(key);
      referrers?.delete(slot);
      if (referrers?.size === 0) referrersByKey.delete(key);
    }
    for (const key of now) {
      const referrers = referrersByKey.get(key) ?? new Set<EntitySlot>();
      referrersByKey.set(key, referrers.add(slot));
    }
    if (now.size > 0) targetsBySlot.set(slot, now);
    else targetsBySlot.delete(slot);
    return [...new Set([...before, ...now])];
  }

  /** Decides anew whether it stands behind a refused one; whether that has changed. */
  function decide(slot: EntitySlot): boolean {
    const is = isOpen(slot) && findHold(slot, viewOf(slot.state)) === 'refused';
    if (is === behindRefused.has(slot)) return false;
    if (is) behindRefused.add(slot);
    else behindRefused.delete(slot);
    return true;
  }

  return {
    isHeld: (slot) => isOpen(slot) && findHold(slot, sealable(slot)) !== null,
    isBehindRefused: (slot) => behindRefused.has(slot),
    update(slot) {
      const touched = register(slot);
      decide(slot);
      const affected = new Set<EntitySlot>();
      const neighbours = [...referrersOf(slot), ...touched.map(slotAt)];
      for (const next of neighbours) {
        if (!next?.state.work || next === slot) continue;
        affected.add(next);
        if (decide(next)) neighbours.push(...referrersOf(next), ...keysOf(next).map(slotAt));
      }
      return affected.size > 0 ? [...affected] : nobody;
    },
  };
}

function isEarlier(one: EntitySlot, other: EntitySlot): boolean {
  const [first] = one.state.work?.pending ?? [];
  const [second] = other.state.work?.pending ?? [];
  return first !== undefined && second !== undefined && compareOperations(first, second) < 0;
}

function valueAt(entity: unknown, tokens: readonly string[]): unknown {
  let value = entity;
  for (const token of tokens) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, token)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[token];
  }
  return value;
}
