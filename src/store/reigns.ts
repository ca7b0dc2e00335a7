import type { Draft, JournalEntry } from './entry.ts';
import { compareOperations } from './operation-order.ts';

/** Who leads, by whose log the state is told (S30). */
export interface Reign {
  /** Grows with every reign. */
  readonly epoch: number;
  readonly writer: string;
}

/** A segment of a writer's journal. */
export interface Segment {
  readonly writer: string;
  readonly number: number;
  readonly entries: readonly JournalEntry[];
}

/** An entry and the segment it stands in. */
export interface Logged {
  readonly writer: string;
  readonly number: number;
  readonly entry: JournalEntry;
}

/** A draft and the segment it stands in. */
export type LoggedDraft = Logged & { readonly entry: Draft };

interface Begun extends Reign {
  readonly over: Readonly<Record<string, number>>;
}

/** Logs in the order of their reigns, and drafts of all writers in the order of their operations. */
export interface Ordered {
  readonly log: readonly Logged[];
  readonly drafts: readonly LoggedDraft[];
  readonly reign: Reign | null;
}

/**
 * Puts the journals of several writers into one order. `known`: the reign that the pages were stored in; null where no
 * reign is kept, as one tab after the other writes: then the logs follow each other as they are given. What a leader
 * appended after another one had taken over is void: it was never told to be durable.
 */
export function orderLogs(segments: readonly Segment[], known: Reign | null): Ordered {
  const begun: Begun[] = [];
  const logged: (Logged & { readonly epoch: number })[] = [];
  const drafts: LoggedDraft[] = [];
  const epochByWriter = new Map<string, number>(known ? [[known.writer, known.epoch]] : []);
  for (const { writer, number, entries } of segments) {
    for (const entry of entries) {
      if (entry.type === 'draft') drafts.push({ writer, number, entry });
      if (entry.type === 'draft') continue;
      if (entry.type === 'reign') {
        begun.push({ epoch: entry.epoch, writer, over: entry.over });
        epochByWriter.set(writer, entry.epoch);
      }
      logged.push({ writer, number, entry, epoch: epochByWriter.get(writer) ?? 0 });
    }
  }
  const isVoid = ({ writer, number, epoch }: Logged & { readonly epoch: number }): boolean =>
    (known !== null && epoch < known.epoch) ||
    begun.some((later) => later.epoch > epoch && number > (later.over[writer] ?? 0));
  const log = logged.filter((each) => !isVoid(each)).sort((a, b) => a.epoch - b.epoch);
  const last = begun.reduce<Reign | null>(
    (newest, each) => (newest && newest.epoch > each.epoch ? newest : each),
    known,
  );
  return {
    log,
    drafts: drafts.sort((a, b) => compareOperations(a.entry.operation, b.entry.operation)),
    reign: last && { epoch: last.epoch, writer: last.writer },
  };
}
