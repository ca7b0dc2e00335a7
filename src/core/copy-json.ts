/** A copy of a JSON value that shares nothing with it and may be changed. */
export function copyJson<T>(value: T): T {
  return copyOf(value) as T;
}

function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf);
  if (typeof value !== 'object' || value === null) return value;
  const copy = { ...value } as Record<string, unknown>;
  for (const [key, child] of Object.entries(copy))
    if (typeof child === 'object' && child !== null) copy[key] = copyOf(child);
  return copy;
}
