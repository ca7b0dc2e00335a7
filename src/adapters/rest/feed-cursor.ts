import { CursorExpiredError } from '../../core/errors.ts';
import { isObject } from '../../core/json.ts';

/** The position of a feed as the text that a cursor is. `feed` tells it from those of other feeds. */
export function formatCursor(feed: string, state: object): string {
  return JSON.stringify({ ...state, feed });
}

/**
 * The position that a cursor holds; null for none. Throws `CursorExpiredError` for a cursor that is not of this feed: the options have changed
 * since, and everything is read anew.
 */
export function parseCursor<S extends object>(
  feed: string,
  cursor: string | null,
  isState: (value: object) => value is S,
): S | null {
  if (cursor === null) return null;
  const state = parse(cursor);
  if (isObject(state) && state['feed'] === feed && isState(state)) return state;
  throw new CursorExpiredError({
    message: 'The position in the list is of another kind of feed: everything is read anew.',
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
