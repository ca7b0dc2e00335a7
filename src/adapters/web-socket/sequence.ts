/** Where a numbered frame stands: right after the last one, after something missed, or seen before. */
export type Placement = 'next' | 'gap' | 'repeat';

/** Follows the numbers of one connection: every frame names its own and that of the frame before it. */
export interface Sequence {
  place(seq: number | null, prev: number | null): Placement;
}

/** The first frame of a connection follows number 0. A frame whose numbers cannot be read counts as a gap (G11). */
export function createSequence(): Sequence {
  let lastSeq = 0;
  return {
    place(seq, prev) {
      if (seq === null) return 'gap';
      if (seq <= lastSeq) return 'repeat';
      const placement = prev === lastSeq ? 'next' : 'gap';
      lastSeq = seq;
      return placement;
    },
  };
}
