import type { EntityPosition } from './ports/store.ts';

/** A place in the feed, or inside a snapshot that was begun at that place. */
export interface Cursor {
  readonly epoch: string;
  readonly seq: number;
  /** The last entity of the snapshot's page before; absent: a place in the feed. */
  readonly after?: EntityPosition;
  /** The claims of the principal that it was given to; null: none. */
  readonly claims: string | null;
}

const pattern = /^([A-Za-z0-9_-]{1,64})\.(0|[1-9]\d{0,15})(?:\.([A-Za-z0-9_-]{1,2048}))?(?:~([A-Za-z0-9_-]{22}))?$/;

/** An opaque string for clients: they compare it and hand it back, no more. */
export function formatCursor({ epoch, seq, after, claims }: Cursor): string {
  const place = `${epoch}.${seq}`;
  const position = after === undefined ? '' : `.${formatPosition(after)}`;
  return `${place}${position}${claims === null ? '' : `~${claims}`}`;
}

const formatPosition = ({ collection, id }: EntityPosition): string =>
  Buffer.from(JSON.stringify([collection, id])).toString('base64url');

/** Null for anything that {@link formatCursor} did not make. */
export function parseCursor(text: string): Cursor | null {
  const match = pattern.exec(text);
  if (match === null) return null;
  const [, epoch = '', seq = '', position, claims = null] = match;
  const place = { epoch, seq: Number(seq), claims };
  if (position === undefined) return place;
  const after = parsePosition(position);
  return after === null ? null : { ...place, after };
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
