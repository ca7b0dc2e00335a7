import type { Json } from '../core/json.ts';
import type { Position } from './position.ts';

/**
 * Takes what was stored: first `meta`, then the pages by number, then the segments by writer and number. A segment that
 * the position of a page (or of `meta`) covers must not be applied to that page (or to it) again.
 */
export interface RecoverySink<E> {
  meta(content: Json, position: Position): void;
  page(id: number, content: Json, position: Position): void;
  /** The page was empty at this position. For sinks that tell by pages, not by what is on them, what to apply again. */
  emptyPage?(id: number, position: Position): void;
  segment(writer: string, number: number, entries: readonly E[]): void;
  /** Asked at the end: what was given must not stay as it is stored. A checkpoint is due at once then. */
  isExposed?(): boolean;
}
