/** The epoch that an error, a record, a page or an opening socket names; null: it names none. */
export function epochOf(answer: unknown): string | null {
  const told = (answer as Partial<{ epoch: unknown }> | null | undefined)?.epoch;
  return typeof told === 'string' ? told : null;
}
