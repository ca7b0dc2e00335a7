import type { Draft, JournalEntry } from './entry.ts';
import { compareOperations } from './operation-order.ts';

/** Who leads, by whose log the state is told (S30). */
export interface Reign {
  /** Grows with every reign; of two that began at once, the one of the later writer is the later. */
  readonly epoch: number;
  readonly writer: string;
  /** Per writer, the last segment of the logs of earlier reigns that counts. */
  readonly over: Readonly<Record<string, number>>;
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

/** A reign and the segment that it begins in. */
type Begun = Reign & { readonly number: number };

/** A draft and the segment it stands in. */
export type LoggedDraft = Logged & { readonly entry: Draft };

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
  const logged: (Logged & { readonly reign: Reign | null })[] = [];
  const drafts: LoggedDraft[] = [];
  const reignByWriter = new Map<string, Reign>(known ? [[known.writer, known]] : []);
  for (const { writer, number, entries } of segments) {
    for (const entry of entries) {
      if (entry.type === 'draft') {
        drafts.push({ writer, number, entry });
        continue;
      }
      if (entry.type === 'reign') {
        const reign = { epoch: entry.epoch, writer, over: entry.over, number };
        if (compareReigns(reignByWriter.get(writer) ?? null, reign) !== 0) begun.push(reign);
        reignByWriter.set(writer, reign);
      }
      logged.push({ writer, number, entry, reign: reignByWriter.get(writer) ?? null });
    }
  }
  const reigns = validReigns(begun, known);
  const log = logged.filter((each) => !isVoid(each, reigns)).sort((a, b) => compareReigns(a.reign, b.reign));
  return {
    log,
    drafts: drafts.sort((a, b) => compareOperations(a.entry.operation, b.entry.operation)),
    reign: reigns[0] ?? null,
  };
}

/** Latest first. One that began after another had taken over, unseen, never was. */
function validReigns(begun: readonly Begun[], known: Reign | null): readonly Reign[] {
  const valid: Reign[] = [];
  for (const reign of begun.toSorted((a, b) => compareReigns(b, a))) {
    const isBefore = known !== null && compareReigns(reign, known) < 0;
    if (!isBefore && !isVoid({ writer: reign.writer, number: reign.number, reign }, valid)) valid.push(reign);
  }
  return known ? [...valid, known] : valid;
}

/** `reigns`: the valid ones. */
function isVoid(
  { writer, number, reign }: { readonly writer: string; readonly number: number; readonly reign: Reign | null },
  reigns: readonly Reign[],
): boolean {
  return reigns.some((later) => compareReigns(later, reign) > 0 && number > (later.over[writer] ?? 0));
}

/** The later of two is the greater. Null is before all. */
export function compareReigns(
  a: Pick<Reign, 'epoch' | 'writer'> | null,
  b: Pick<Reign, 'epoch' | 'writer'> | null,
): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  if (a.epoch !== b.epoch) return a.epoch - b.epoch;
  if (a.writer === b.writer) return 0;
  return a.writer < b.writer ? -1 : 1;
}

/** What a reign that begins now is over: `read` is how far each journal was read. What an earlier reign had voided stays void. */
export function overAfter(
  last: Reign | null,
  read: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(read).map(([writer, number]) => {
      const bound = last === null || writer === last.writer ? undefined : last.over[writer];
      return [writer, bound === undefined ? number : Math.min(bound, number)];
    }),
  );
}
