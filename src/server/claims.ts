import { createHash } from 'node:crypto';
import { canonicalText } from '../core/canonical-text.ts';
import type { Principal } from './options.ts';

/**
 * A short name of what a principal says besides its id, the same for claims that are the same as JSON; null when it says
 * nothing. Cursors bear it: who may read other things than before begins with a snapshot. Throws for claims that are no JSON.
 */
export function nameClaims({ id: _id, ...claims }: Principal): string | null {
  const text = canonicalText(JSON.parse(JSON.stringify(claims)));
  return text === '{}' ? null : createHash('sha256').update(text).digest('base64url').slice(0, 22);
}
