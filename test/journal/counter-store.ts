import type { JournalHooks } from '../../src/journal/hooks.ts';
import type { PageSource } from '../../src/journal/page-source.ts';
import { isCovered } from '../../src/journal/position.ts';
import type { Position } from '../../src/journal/position.ts';
import type { RecoverySink } from '../../src/journal/recovery-sink.ts';

/**
 * Adds to a counter, or (`add: null`) empties the page that it is on; an empty page gets the counter -1 then. So it matters
 * in which order entries are applied, on top of what, and whether twice.
 */
export interface CounterEntry {
  readonly sequence: number;
  readonly counter: number;
  readonly add: number | null;
  readonly isLocal: boolean;
}

/** Counters by page, and the sequences of all entries that made them. */
export interface CounterState {
  readonly pages: Record<number, Record<number, number>>;
  readonly sequences: readonly number[];
}

/** The smallest store that a journal can serve: counters, three to a page. */
export interface CounterStore {
  readonly source: PageSource;
  readonly sink: RecoverySink<CounterEntry>;
  readonly hooks: Pick<JournalHooks<CounterEntry>, 'stored' | 'rolledBack'>;
  appended(group: number, entries: readonly CounterEntry[]): void;
  durable(): CounterState;
  /** Sequences of the entries that are not stored yet. */
  waiting(): readonly number[];
  markAllDirty(): void;
  /** Holds nothing again, for another recovery. */
  clear(): void;
}

const countersPerPage = 3;

/** The state that `entries` make when applied in order. */
export function fold(entries: readonly CounterEntry[]): CounterState {
  const state = { pages: {}, sequences: [] as number[] };
  for (const entry of entries) {
    applyTo(state.pages, entry);
    state.sequences.push(entry.sequence);
  }
  return state;
}

/** A store without any counter. */
export function createCounterStore(): CounterStore {
  const pages: Record<number, Record<number, number>> = {};
  const sequences = new Set<number>();
  const dirty = new Set<number>();
  const groups = new Map<number, CounterEntry[]>();
  const pagePositions = new Map<number, Position>();
  let metaPosition: Position = {};

  return {
    source: {
      dirty: () => dirty,
      content: (page) => structuredClone(pages[page] ?? null),
      cleaned: (page) => void dirty.delete(page),
      meta: () => [...sequences],
    },
    sink: {
      meta(content, position) {
        for (const sequence of content as readonly number[]) sequences.add(sequence);
        metaPosition = position;
      },
      page(id, content, position) {
        pages[id] = content as Record<number, number>;
        pagePositions.set(id, position);
      },
      emptyPage: (id, position) => void pagePositions.set(id, position),
      segment(writer, number, entries) {
        for (const entry of entries) {
          if (!isCovered(metaPosition, writer, number)) sequences.add(entry.sequence);
          if (isCovered(pagePositions.get(pageOf(entry)) ?? {}, writer, number)) continue;
          applyTo(pages, entry);
          dirty.add(pageOf(entry));
        }
      },
    },
    hooks: {
      stored(group) {
        for (const entry of groups.get(group) ?? []) {
          applyTo(pages, entry);
          sequences.add(entry.sequence);
          dirty.add(pageOf(entry));
        }
        groups.delete(group);
      },
      rolledBack(kept, _dropped, group) {
        groups.clear();
        groups.set(group, [...kept]);
        return kept;
      },
    },
    appended(group, entries) {
      groups.set(group, [...(groups.get(group) ?? []), ...entries]);
    },
    durable: () => structuredClone({ pages, sequences: [...sequences] }),
    waiting: () => [...groups.values()].flat().map(({ sequence }) => sequence),
    markAllDirty() {
      for (const page of Object.keys(pages)) dirty.add(Number(page));
    },
    clear() {
      for (const page of Object.keys(pages)) delete pages[Number(page)];
      for (const each of [sequences, dirty, groups, pagePositions]) each.clear();
      metaPosition = {};
    },
  };
}

function pageOf(entry: CounterEntry): number {
  return Math.floor(entry.counter / countersPerPage);
}

function applyTo(pages: Record<number, Record<number, number>>, entry: CounterEntry): void {
  const page = pageOf(entry);
  if (entry.add === null) {
    if (pages[page] === undefined) pages[page] = { [entry.counter]: -1 };
    else delete pages[page];
    return;
  }
  const counters = (pages[page] ??= {});
  counters[entry.counter] = (counters[entry.counter] ?? 0) + entry.add;
}
