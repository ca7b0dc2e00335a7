import { createDeferred, type Deferred } from '../core/deferred.ts';
import { isContested } from '../store/entity-state.ts';
import type { StoredOperation } from '../store/entry.ts';
import type { EntitySlot } from '../store/replica.ts';
import { compareOperations } from '../store/operation-order.ts';
import { createOrderHeap } from './order-heap.ts';
import type { References } from './references.ts';

/** How the sending of one entity stands. Kept while the entity has work; gone after a restart. */
export interface Lane {
  /** Someone is exchanging requests for the entity right now. */
  claimed: boolean;
  /** Times the sealed request was sent, its base fetched or its outcome asked for, without the backend's word. */
  attempts: number;
  /** The sealed request was sent and no answer came, or nobody knows whether it was. */
  unknown: boolean;
  /** The outcome is being asked for; nothing is sent before it is known. */
  asking: boolean;
  /** Not before this time, in milliseconds since 1970. */
  notBefore: number;
}

/** What goes out next. Lanes are one per entity; the place of an entity is that of its first operation (S7). */
export interface Outbox {
  /** The entity changed: its eligibility is decided anew. */
  update(slot: EntitySlot): void;
  /**
   * Claims up to `limit` entities that can be sent now, in order; what was tried before comes after what was not, and what was
   * tried often is given alone, so that nothing that always fails takes others with it (G8).
   */
  take(limit: number, nowMs: number): EntitySlot[];
  /** Whether nothing about the entity, or about what it refers to, holds it back. */
  maySend(slot: EntitySlot): boolean;
  /** It waits behind an entity that was refused. */
  isBehindRefused(slot: EntitySlot): boolean;
  /** Gives an entity back that was claimed in this era; later it is another's claim. */
  release(slot: EntitySlot, era: number): void;
  /** Grows with `clear`. */
  readonly era: number;
  lane(slot: EntitySlot): Readonly<Lane>;
  change(slot: EntitySlot, change: Partial<Lane>): void;
  /** Earliest time at which a lane that waits may go on; null: none waits, or not for time alone. */
  nextDeadline(): number | null;
  /** All lanes may go on now. */
  wake(): void;
  /** Resolves when something becomes ready that was not, or has to be asked about. */
  arrival(): Promise<void>;
  /** Lanes whose outcome is being asked for. */
  asking(): Iterable<EntitySlot>;
  /** How many of the first operations are durable and may be sealed. */
  durablePrefix(slot: EntitySlot): number;
  clear(): void;
}

export interface OutboxOptions {
  readonly order: 'entity' | 'global';
  readonly references: References;
  isDurable(operationId: string): boolean;
  /** Called when something became ready or has to be asked about, once until the next `take`. */
  ready(): void;
  /** How the sending of the entity stands has changed. */
  laneChanged(slot: EntitySlot): void;
}

interface Ticket {
  readonly slot: EntitySlot;
  readonly first: StoredOperation;
  readonly turn: Turn;
}

/** What was never sent starts before anything is tried again; what fails time after time goes alone, and last. */
type Turn = 0 | 1 | 2;

const triesInBatches = 3;

function turnOf(attempts: number): Turn {
  if (attempts === 0) return 0;
  return attempts < triesInBatches ? 1 : 2;
}

const idleLane: Readonly<Lane> = { claimed: false, attempts: 0, unknown: false, asking: false, notBefore: 0 };

export function createOutbox({ order, references, isDurable, ready, laneChanged }: OutboxOptions): Outbox {
  const lanes = new Map<EntitySlot, Lane>();
  const tickets = createOrderHeap<Ticket>((a, b) => a.turn - b.turn || compareOperations(a.first, b.first));
  const ticketOf = new Map<EntitySlot, StoredOperation>();
  const deferred = new Set<EntitySlot>();
  const asked = new Set<EntitySlot>();
  let claimedCount = 0;
  let era = 0;
  let arrival: Deferred | null = null;
  let isAnnounced = false;

  function announce(): void {
    arrival?.resolve();
    arrival = null;
    if (isAnnounced) return;
    isAnnounced = true;
    ready();
  }

  const lane = (slot: EntitySlot): Readonly<Lane> => lanes.get(slot) ?? idleLane;

  function maySend(slot: EntitySlot): boolean {
    const { work } = slot.state;
    if (!work || work.conflict || work.refusal || isContested(slot.state) || lane(slot).asking) return false;
    if (references.isHeld(slot)) return false;
    if (work.request) return true;
    const [first] = work.pending;
    return first !== undefined && isDurable(first.id) && isDurable(work.supersededBy ?? first.id);
  }

  const isEligible = (slot: EntitySlot) => maySend(slot) && !lane(slot).claimed;

  /** Under global order everything that is unsettled takes its place, so that a refused one holds the rest. */
  const takesPlace = (slot: EntitySlot) => (order === 'global' ? slot.state.work !== null : isEligible(slot));

  function change(slot: EntitySlot, part: Partial<Lane>): void {
    const current = lanes.get(slot);
    const next = { ...(current ?? idleLane), ...part };
    if (next.claimed !== (current?.claimed ?? false)) claimedCount += next.claimed ? 1 : -1;
    if (next.notBefore > 0) deferred.add(slot);
    else deferred.delete(slot);
    if (next.asking) asked.add(slot);
    else asked.delete(slot);
    lanes.set(slot, next);
    if (next.asking && !current?.asking) announce();
    laneChanged(slot);
  }

  function forget(slot: EntitySlot): void {
    if (lanes.get(slot)?.claimed) return;
    lanes.delete(slot);
    deferred.delete(slot);
    asked.delete(slot);
    ticketOf.delete(slot);
    if (order === 'global' && tickets.size > 0) announce();
  }

  function update(slot: EntitySlot): void {
    if (!slot.state.work) return forget(slot);
    if (!takesPlace(slot)) return;
    const [first] = slot.state.work.pending;
    if (first && ticketOf.get(slot) !== first) {
      ticketOf.set(slot, first);
      tickets.push({ slot, first, turn: order === 'global' ? 0 : turnOf(lane(slot).attempts) });
    }
    if (isEligible(slot)) announce();
  }

  const isStale = ({ slot, first }: Ticket) => ticketOf.get(slot) !== first || !takesPlace(slot);

  function dropStale(): void {
    for (let top = tickets.peek(); top && isStale(top); top = tickets.peek()) {
      tickets.pop();
      if (ticketOf.get(top.slot) === top.first) ticketOf.delete(top.slot);
    }
  }

  function takeGlobal(nowMs: number): EntitySlot[] {
    dropStale();
    const head = tickets.peek();
    if (claimedCount > 0 || !head || !isEligible(head.slot) || lane(head.slot).notBefore > nowMs) return [];
    change(head.slot, { claimed: true, notBefore: 0 });
    return [head.slot];
  }

  function takeByEntity(limit: number, nowMs: number): EntitySlot[] {
    const taken: EntitySlot[] = [];
    const later: Ticket[] = [];
    while (taken.length < limit) {
      dropStale();
      const ticket = tickets.peek();
      if (!ticket || (ticket.turn === 2 && taken.length > 0)) break;
      tickets.pop();
      if (lane(ticket.slot).notBefore > nowMs) {
        later.push(ticket);
        continue;
      }
      ticketOf.delete(ticket.slot);
      change(ticket.slot, { claimed: true, notBefore: 0 });
      taken.push(ticket.slot);
    }
    for (const ticket of later) tickets.push(ticket);
    return taken;
  }

  return {
    update,
    take(limit, nowMs) {
      isAnnounced = false;
      return order === 'global' ? takeGlobal(nowMs) : takeByEntity(limit, nowMs);
    },
    maySend,
    isBehindRefused: references.isBehindRefused,
    get era() {
      return era;
    },
    release(slot, claimedIn) {
      if (claimedIn !== era) return;
      change(slot, { claimed: false });
      update(slot);
    },
    lane,
    change(slot, part) {
      change(slot, part);
      update(slot);
    },
    nextDeadline() {
      let earliest: number | null = null;
      dropStale();
      const head = tickets.peek()?.slot;
      const hasTurn = (slot: EntitySlot) => order === 'entity' || (claimedCount === 0 && slot === head);
      for (const slot of deferred) {
        const { notBefore, asking } = lane(slot);
        if (!asking && !(isEligible(slot) && hasTurn(slot))) continue;
        if (earliest === null || notBefore < earliest) earliest = notBefore;
      }
      return earliest;
    },
    wake() {
      for (const slot of [...deferred]) change(slot, { notBefore: 0 });
    },
    arrival() {
      arrival ??= createDeferred();
      return arrival.promise;
    },
    asking: () => [...asked],
    durablePrefix(slot) {
      const pending = slot.state.work?.pending ?? [];
      const first = pending.findIndex(({ id }) => !isDurable(id));
      return first < 0 ? pending.length : first;
    },
    clear() {
      lanes.clear();
      ticketOf.clear();
      deferred.clear();
      asked.clear();
      while (tickets.pop());
      claimedCount = 0;
      era += 1;
      isAnnounced = false;
    },
  };
}
