import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isLocalWrite, type JournalEntry } from '../../src/store/entry.ts';
import { createLedger, type LedgerListener } from '../../src/store/ledger.ts';
import { createReplica } from '../../src/store/replica.ts';
import { commandsOf, expectSeen, runProperty } from '../core/run-property.ts';
import { contentOf, createReplicaLife, event, type Event } from './replica-life.ts';

/** `next`: what comes later goes into another group; `stored`: the oldest group is; `failed`: none of them could be. */
type Moment = Event | { readonly type: 'next' } | { readonly type: 'stored' } | { readonly type: 'failed' };

const moment: fc.Arbitrary<Moment> = fc.oneof(
  { weight: 10, arbitrary: event },
  { weight: 4, arbitrary: fc.constantFrom({ type: 'next' as const }, { type: 'stored' as const }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('failed' as const) }) },
);

/** A ledger over a storage that stores and fails as told, beside a plain record of what it was given. */
function createBook() {
  const replica = createReplica();
  const life = createReplicaLife(replica);
  const dropped: string[] = [];
  let durable: JournalEntry[] = [];
  let open = new Map<number, JournalEntry[]>();
  let current = 1;
  const append = (entries: readonly JournalEntry[]) => {
    open.set(current, [...(open.get(current) ?? []), ...entries]);
    return { group: current, durable: Promise.resolve() };
  };
  const listener: LedgerListener = {
    changed: () => undefined,
    stored: () => undefined,
    dropped: (ids) => void dropped.push(...ids),
  };
  const ledger = createLedger(replica, append, listener, (_slot, _state, { operation }) => ({
    type: 'write',
    operation,
  }));

  function live(happens: Event): void {
    const entry = life.entryFor(happens);
    if (!entry) return;
    const before = new Map(life.slots().map((slot) => [slot, slot.state]));
    void ledger.commit([entry], 'own');
    life.learn(before);
  }

  function store(): void {
    const [oldest] = open.keys();
    if (oldest === undefined) return;
    durable = [...durable, ...(open.get(oldest) ?? [])];
    open.delete(oldest);
    if (oldest === current) current += 1;
    ledger.stored(oldest);
  }

  function fail(): string[] {
    const entries = [...open.values()].flat();
    current += 1;
    open = new Map([[current, entries.filter((entry) => !isLocalWrite(entry))]]);
    ledger.rolledBack(current);
    return entries.flatMap((entry) =>
      entry.type === 'entity' && entry.step.type === 'write' ? [entry.step.operation.id] : [],
    );
  }

  /** What a replica holds that these entries were recovered into. */
  function recovered(entries: readonly JournalEntry[]): unknown {
    const other = createReplica();
    for (const entry of entries) other.apply(entry);
    return { ...(contentOf(other) as object), resolved: null };
  }

  return {
    replica,
    ledger,
    dropped,
    life,
    live,
    store,
    fail,
    next: () => void (current += 1),
    recovered,
    durable: () => durable,
    all: () => [...durable, ...[...open.values()].flat()],
  };
}

test('S31 after a roll-back everything is as if the writes that were not stored had never been', () => {
  let failures = 0;
  runProperty(
    fc.property(commandsOf(moment, 5), (moments) => {
      const book = createBook();
      const lost: string[] = [];
      for (const each of moments) {
        if (each.type === 'next') book.next();
        else if (each.type === 'stored') book.store();
        else if (each.type === 'failed') {
          lost.push(...book.fail());
          failures += 1;
          expect({ ...(contentOf(book.replica) as object), resolved: null }).toEqual(book.recovered(book.all()));
          expect(book.dropped).toEqual(lost);
        } else book.live(each);
      }
    }),
    1_000,
  );
  expectSeen(failures, 200);
});

test('S31 the durable state of an entity is what recovery of the stored groups gives', () => {
  let compared = 0;
  runProperty(
    fc.property(commandsOf(moment, 5), (moments) => {
      const book = createBook();
      for (const each of moments) {
        if (each.type === 'next') book.next();
        else if (each.type === 'stored') book.store();
        else if (each.type === 'failed') book.fail();
        else book.live(each);
        const stored = book.recovered(book.durable()) as { entities: unknown };
        expect(book.life.slots().map((slot) => book.ledger.durableState(slot))).toEqual(stored.entities);
        expect(book.ledger.durableFeed().epoch).toEqual((stored as unknown as { epoch: unknown }).epoch);
        compared += 1;
      }
    }),
    300,
  );
  expectSeen(compared, 1_000);
});
