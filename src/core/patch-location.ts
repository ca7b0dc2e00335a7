/** A canonical array index of RFC 6901 (no sign, no leading zero), or -1. */
export function arrayIndex(token: string): number {
  const { length } = token;
  if (length === 0 || length > 10 || (length > 1 && token.charCodeAt(0) === 48)) return -1;
  let index = 0;
  for (let at = 0; at < length; at += 1) {
    const digit = token.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return -1;
    index = index * 10 + digit;
  }
  return index;
}

/**
 * What a container holds under one token of a JSON Pointer, or undefined: own properties of objects and canonical
 * indices of arrays only, so that nothing is ever reached through a prototype.
 */
export function childOf(container: unknown, token: string): unknown {
  if (typeof container !== 'object' || container === null) return undefined;
  if (Array.isArray(container)) {
    const index = arrayIndex(token);
    return index === -1 ? undefined : (container as readonly unknown[])[index];
  }
  return Object.hasOwn(container, token) ? (container as Readonly<Record<string, unknown>>)[token] : undefined;
}

/** What stands at the tokens of a JSON Pointer, or undefined; prototypes are never reached. */
export function valueAt(document: unknown, tokens: readonly string[]): unknown {
  let value = document;
  for (const token of tokens) {
    if (value === undefined) return undefined;
    value = childOf(value, token);
  }
  return value;
}
