/** One text per JSON value: equal values have equal texts, whatever the order of their properties. */
export function canonicalText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  const properties = value as Readonly<Record<string, unknown>>;
  const members = Object.keys(properties)
    .filter((key) => properties[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalText(properties[key])}`);
  return `{${members.join(',')}}`;
}
