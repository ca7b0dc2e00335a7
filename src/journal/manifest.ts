import { isObject, type Json } from '../core/json.ts';
import { formatStamp, parseStamp } from './keys.ts';
import type { Stamp } from './keys.ts';
import type { Position } from './position.ts';

/** Where a page is stored, and how large it is there. */
export interface StoredPage {
  readonly stamp: Stamp;
  /** Characters, or bytes when encrypted. */
  readonly size: number;
}

/** The list of the pages that make up one checkpoint. */
export interface Manifest {
  readonly pages: ReadonlyMap<number, StoredPage>;
  readonly meta: Json;
  /** What `meta` contains. */
  readonly position: Position;
  /** Segments that the pages make dispensable. */
  readonly covered: Position;
}

/** The manifest as JSON text. */
export function formatManifest({ pages, meta, position, covered }: Manifest): string {
  const rows = [...pages].sort(([a], [b]) => a - b).map(([page, { stamp, size }]) => [page, formatStamp(stamp), size]);
  return JSON.stringify({ pages: rows, meta, position, covered });
}

/** Reads {@link formatManifest}'s content; null when it has another shape. Its pages are stored in its own `format`. */
export function parseManifest(content: Json, format: number): Manifest | null {
  if (!isObject(content) || !Array.isArray(content['pages'])) return null;
  const { meta = null, position, covered } = content;
  if (!isPosition(position) || !isPosition(covered)) return null;
  const pages = new Map<number, StoredPage>();
  for (const row of content['pages'] as readonly Json[]) {
    if (!Array.isArray(row)) return null;
    const [page, text, size] = row as readonly Json[];
    const stamp = typeof text === 'string' ? parseStamp(text, format) : null;
    if (typeof page !== 'number' || stamp === null || typeof size !== 'number') return null;
    pages.set(page, { stamp, size });
  }
  return { pages, meta, position, covered };
}

/** Whether `value` is a {@link Position}. */
export function isPosition(value: unknown): value is Position {
  return isObject(value) && Object.values(value).every((number) => typeof number === 'number');
}
