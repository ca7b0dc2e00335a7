import type { Draft, JournalEntry } from '../store/entry.ts';

/** Drafts from which something is cut before they are stored, until the leader can be told of them whole (S32). */
export interface UncutDrafts {
  /** `stored`: what is stored of the entries, as this segment. */
  note(segment: number, entries: readonly JournalEntry[], stored: readonly JournalEntry[]): void;
  /** Those of a segment, which are forgotten. */
  take(segment: number): readonly Draft[];
}

/** Nothing was cut yet. */
export function createUncutDrafts(): UncutDrafts {
  const draftsBySegment = new Map<number, readonly Draft[]>();
  return {
    note(segment, entries, stored) {
      const cut = entries.flatMap((entry, index) => (entry.type === 'draft' && entry !== stored[index] ? [entry] : []));
      if (cut.length > 0) draftsBySegment.set(segment, [...(draftsBySegment.get(segment) ?? []), ...cut]);
    },
    take(segment) {
      const drafts = draftsBySegment.get(segment) ?? [];
      draftsBySegment.delete(segment);
      return drafts;
    },
  };
}
