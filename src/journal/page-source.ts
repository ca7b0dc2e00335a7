import type { Json } from '../core/json.ts';

/**
 * The state that pages are made of. Pages have small whole numbers; what belongs to which page is the source's affair.
 *
 * Everything given out is the durable state, neither more nor less: what is in the groups reported by `stored`, and
 * what was recovered. A page is dirty when its durable state has changed since `cleaned`: it becomes so with `stored`,
 * not with the append.
 */
export interface PageSource {
  dirty(): Iterable<number>;
  /** The page's durable state now; null when nothing is left of it. */
  content(page: number): Json | null;
  /** `content` was taken, in the same tick. Whether it gets stored is the journal's affair: it does not ask again. */
  cleaned(page: number): void;
  /** The durable state now of what belongs to no page. */
  meta(): Json;
}
