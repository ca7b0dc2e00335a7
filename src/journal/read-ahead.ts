const width = 16;

/** Reads up to 16 items at a time and gives the results in the order of the items. Throws the first failure that it reaches. */
export async function* readAhead<Item, Result>(
  items: readonly Item[],
  read: (item: Item) => Promise<Result>,
): AsyncGenerator<Result, void, undefined> {
  const underWay: Promise<Result>[] = [];
  for (const item of items) {
    const result = read(item);
    result.catch(() => undefined);
    underWay.push(result);
    if (underWay.length === width) yield await (underWay.shift() as Promise<Result>);
  }
  for (const result of underWay) yield await result;
}
