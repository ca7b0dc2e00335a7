import type { Json } from '../../src/core/json.ts';
import { currentFormat } from '../../src/journal/format.ts';
import type { Migration, StorageFormat } from '../../src/journal/format.ts';
import type { CounterEntry } from './counter-store.ts';

type Counters = { readonly [counter: string]: number };

/** Counts in a smaller unit: what is migrated twice, or not at all, shows. */
const countIn =
  (factor: number): Migration =>
  (kind, content) => {
    if (kind === 'manifest') return content;
    if (kind === 'segment')
      return (content as unknown as CounterEntry[]).map((entry) => scaled(entry, factor) as never);
    const page = content as { readonly [key: string]: Json };
    return { ...page, content: scaledCounters(page['content'] as Counters | null, factor) };
  };

function scaledCounters(counters: Counters | null, factor: number): Counters | null {
  if (!counters) return null;
  return Object.fromEntries(Object.entries(counters).map(([counter, count]) => [counter, count * factor]));
}

/** The entry as a later format counts. */
export function scaled(entry: CounterEntry, factor: number): CounterEntry {
  return { ...entry, add: entry.add === null ? null : entry.add * factor };
}

const migrations = new Map<number, Migration>([
  ...currentFormat.migrations,
  [currentFormat.version, countIn(10)],
  [currentFormat.version + 1, countIn(7)],
]);

/** Formats that there are not: the next one counts tenths, the one after it seventieths. */
export const [nextFormat, lastFormat]: readonly [StorageFormat, StorageFormat] = [
  { version: currentFormat.version + 1, migrations },
  { version: currentFormat.version + 2, migrations },
];
