/**
 * Maps with at most `atOnce` calls under way; the results have the order of the items. Rejects with the first failure, and
 * begins no further call then.
 */
export async function mapLimited<T, R>(
  items: readonly T[],
  atOnce: number,
  call: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const open = entriesOf(items);
  const work = async (): Promise<void> => {
    for (const [index, item] of open) results[index] = await call(item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, work));
  return results;
}

/** Unlike the entries of an array, a generator is closed for all who share it when one of them throws. */
function* entriesOf<T>(items: readonly T[]): Generator<[number, T]> {
  yield* items.entries();
}
