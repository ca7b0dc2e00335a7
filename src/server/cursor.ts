import type { EntityPosition } from './ports/store.ts';

/** A place in the feed, or inside a snapshot that was begun at that place. */
export interface Cursor {
  readonly epoch: string;
  readonly seq: number;
  /** The last entity of the snapshot's page before; absent: a place in the feed. */
  readonly after?: EntityPosition;
}

/** An opaque string for clients: they compare it and hand it back, no more. */
export function formatCursor({ epoch, seq, after }: Cursor): string {
  const place = `${epoch}.${seq}`;
  if (after === undefined) return place;
  return `${place}.${Buffer.from(JSON.stringify([after.collection, after.id])).toString('base64url')}`;
}

/** Null for anything that {@link formatCursor} did not make. */
export function parseCursor(text: string): Cursor | null {
  const match = /^([A-Za-z0-9_-]{1,64})\.(0|[1-9]\d{0,15})(?:\.([A-Za-z0-9_-]{1,2048}))?$/.exec(text);
  if (match === null) return null;
  const [, epoch = '', seq = '', position] = match;
  if (position === undefined) return { epoch, seq: Number(seq) };
  const after = parsePosition(position);
  return after === null ? null : { epoch, seq: Number(seq), after };
}

function parsePosition(text: string): EntityPosition | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (!Array.isArray(value) || value.length !== 2) return null;
    const [collection, id] = value as unknown[];
    return typeof collection === 'string' && typeof id === 'string' ? { collection, id } : null;
  } catch {
    return null;
  }
}
