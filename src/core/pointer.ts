import { SyncError } from './errors.ts';

function invalidPointer(pointer: string): SyncError {
  return new SyncError(
    'invalid-patch',
    'A JSON Pointer is empty or starts with "/", and "~" is written "~0", "/" is written "~1".',
    { path: pointer },
  );
}

/** One token as it is written inside a JSON Pointer (RFC 6901): `~` becomes `~0`, `/` becomes `~1`. */
export function escapeToken(token: string): string {
  if (token.indexOf('~') === -1 && token.indexOf('/') === -1) return token;
  return token.replaceAll('~', '~0').replaceAll('/', '~1');
}

/**
 * The tokens of a JSON Pointer (RFC 6901), unescaped: `'/a~1b/0'` gives `['a/b', '0']`, `''` gives `[]`.
 *
 * Throws {@link SyncError} `invalid-patch` when the text is not a pointer.
 */
export function parsePointer(pointer: string): string[] {
  if (pointer === '') return [];
  if (pointer.charCodeAt(0) !== 47) throw invalidPointer(pointer);
  const tokens = pointer.split('/');
  tokens.shift();
  if (pointer.indexOf('~') === -1) return tokens;
  if (/~(?![01])/.test(pointer)) throw invalidPointer(pointer);
  return tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The JSON Pointer (RFC 6901) of unescaped tokens; the opposite of {@link parsePointer}. */
export function formatPointer(tokens: readonly string[]): string {
  let pointer = '';
  for (const token of tokens) pointer += '/' + escapeToken(token);
  return pointer;
}
