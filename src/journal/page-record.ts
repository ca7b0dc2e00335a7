import { isObject, type Json } from '../core/json.ts';
import { isPosition } from './manifest.ts';
import type { Position } from './position.ts';

/** A page as it is stored: it says itself which it is and what it contains, so that it can be read without a manifest. */
export interface PageRecord {
  readonly page: number;
  readonly position: Position;
  readonly content: Json;
}

/** The page as JSON text. */
export function formatPage({ page, position, content }: PageRecord): string {
  return JSON.stringify({ page, position, content });
}

/** Reads {@link formatPage}'s content; null when it has another shape. */
export function parsePage(record: Json): PageRecord | null {
  if (!isObject(record)) return null;
  const { page, position, content } = record;
  if (typeof page !== 'number' || !isPosition(position) || content === undefined) return null;
  return { page, position, content };
}
