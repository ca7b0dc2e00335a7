import type { Draft } from '../store/entry.ts';

/** Settles the promises of what was given up: up to the segment that was read as stored, the rest as `redone` ends. */
export type SettleGivenUp = (lastRead: number, redone: Promise<void>) => void;

/** Local writes of a reign that is over, until it is known how far the next leader has read them. */
export interface GivenUp {
  /** `written`: what no group will store any more, but perhaps the one that is on its way to the storage. */
  add(written: ReadonlyMap<number, readonly Draft[]>, underWay: number | null): void;
  whenKnown(settle: SettleGivenUp): void;
  /** Ids of those that the reader has not; null: nobody has read any. */
  lostTo(lastRead: number | null): readonly string[];
  /** It is known: `redo` drafts what was not read anew. Nothing is remembered after that. */
  settle(lastRead: number, redo: (left: readonly Draft[]) => Promise<void>): void;
}

/** Nothing was given up yet. */
export function createGivenUp(): GivenUp {
  const writes: { readonly segment: number; readonly draft: Draft }[] = [];
  const settlings: SettleGivenUp[] = [];
  return {
    add(written, underWay) {
      for (const [group, drafts] of written) {
        const segment = group === underWay ? group : Infinity;
        for (const draft of drafts) writes.push({ segment, draft });
      }
    },
    whenKnown: (settle) => void settlings.push(settle),
    lostTo: (lastRead) =>
      writes.flatMap(({ segment, draft }) => (segment > (lastRead ?? -1) ? [draft.operation.id] : [])),
    settle(lastRead, redo) {
      const left = writes.splice(0).flatMap(({ segment, draft }) => (segment > lastRead ? [draft] : []));
      const redone = left.length > 0 ? redo(left) : Promise.resolve();
      for (const settle of settlings.splice(0)) settle(lastRead, redone);
    },
  };
}
