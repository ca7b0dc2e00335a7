import { createJournal } from '../../src/journal/journal.ts';
import type { Journal, JournalOptions } from '../../src/journal/journal.ts';
import { createPlannedStorage } from '../../src/testing/planned-storage.ts';
import type { PlannedStorage } from '../../src/testing/planned-storage.ts';
import { createSeededRandom } from '../../src/testing/seeded-random.ts';
import { createVirtualClock } from '../../src/testing/virtual-clock.ts';
import type { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { createCounterStore } from './counter-store.ts';
import type { CounterEntry, CounterStore } from './counter-store.ts';

/** One journal with its store, on a storage that may have seen others before. */
export interface JournalLife {
  readonly writer: string;
  readonly journal: Journal<CounterEntry>;
  readonly store: CounterStore;
  readonly storage: PlannedStorage;
  readonly clock: VirtualClock;
  /** What the journal reported, as text, in order. */
  readonly reports: string[];
  /** Appends, and tells how it ended: `open`, `stored` or the code of the error. */
  append(...entries: readonly CounterEntry[]): { readonly group: number; fate: string };
}

let lives = 0;

/** A life that has not recovered yet. */
export function createLife(
  items: Map<string, unknown> = new Map(),
  options: Partial<JournalOptions<CounterEntry>> = {},
): JournalLife {
  lives += 1;
  const writer = options.writer ?? `writer-${String(lives).padStart(6, '0')}`;
  const storage = createPlannedStorage(items);
  const clock = createVirtualClock();
  const store = createCounterStore();
  const reports: string[] = [];
  const journal = createJournal<CounterEntry>({
    storage,
    name: 'test',
    user: 'ann',
    writer,
    clock,
    random: createSeededRandom(lives).next,
    isLocalWrite: (entry) => entry.isLocal,
    pages: store.source,
    hooks: {
      stored(group) {
        store.hooks.stored(group);
        reports.push(`stored ${group}`);
      },
      rolledBack(kept, dropped, group) {
        store.hooks.rolledBack(kept, dropped, group);
        const list = (entries: readonly CounterEntry[]) => entries.map(({ sequence }) => sequence).join(',');
        reports.push(`rolled back to ${group}, kept [${list(kept)}], dropped [${list(dropped)}]`);
        return kept;
      },
      failed: (error) => reports.push(`failed: ${error.code}`),
      recovered: () => reports.push('recovered'),
      quarantined: (key, error) => reports.push(`quarantined ${key}: ${error.code}`),
      lost() {
        store.markAllDirty();
        reports.push('lost');
      },
      overtaken() {
        store.markAllDirty();
        reports.push('overtaken');
      },
      deposed: () => reports.push('deposed'),
    },
    ...options,
  });
  return {
    writer,
    journal,
    store,
    storage,
    clock,
    reports,
    append(...entries) {
      const { group, durable } = journal.append(entries);
      store.appended(group, entries);
      const appended = { group, fate: 'open' };
      durable.then(
        () => (appended.fate = 'stored'),
        (error: { code: string }) => (appended.fate = error.code),
      );
      return appended;
    },
  };
}

/** A life that has recovered what is in `items`. */
export async function openLife(
  items?: Map<string, unknown>,
  options?: Partial<JournalOptions<CounterEntry>>,
): Promise<JournalLife> {
  const life = createLife(items, options);
  await life.journal.recover(() => life.store.sink);
  return life;
}

/** Has a life of several lead: it claims, reads everything anew, and stores pages from then on. */
export async function takeLead({ journal, store, clock }: JournalLife): Promise<void> {
  await journal.claim();
  await recoverAnew({ journal, store });
  await clock.advance(0);
  journal.lead();
  await clock.advance(0);
}

/** Reads everything stored into the life's store. */
export function recoverAnew({ journal, store }: Pick<JournalLife, 'journal' | 'store'>): Promise<void> {
  return journal.recover(() => {
    store.clear();
    return store.sink;
  });
}

/** What a new life finds in a copy of `items`. */
export async function recoveredFrom(
  items: Map<string, unknown>,
  options?: Partial<JournalOptions<CounterEntry>>,
): Promise<JournalLife> {
  return openLife(structuredClone(items), options);
}

/** A local write that adds 1 to `counter`. */
export function write(sequence: number, counter = sequence % 9, add: number | null = 1): CounterEntry {
  return { sequence, counter, add, isLocal: true };
}

/** The same, but no local write. */
export function fact(sequence: number, counter = sequence % 9, add: number | null = 1): CounterEntry {
  return { sequence, counter, add, isLocal: false };
}

/** Whether the promise resolves without any time passing; false: it rejects, or stays open. */
export async function reached(life: JournalLife, promise: Promise<void>): Promise<boolean> {
  let isReached = false;
  promise.then(
    () => (isReached = true),
    () => undefined,
  );
  await life.clock.advance(0);
  return isReached;
}

/** Appends one write, and lets it be stored. */
export async function appended(life: JournalLife, sequence: number, counter?: number): Promise<void> {
  life.append(write(sequence, counter));
  await life.clock.advance(0);
}

/** Stores pages. */
export async function checkpointed(life: JournalLife): Promise<void> {
  const done = life.journal.checkpoint();
  await life.clock.advance(0);
  await done;
}
