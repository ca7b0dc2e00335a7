/** A promise and what resolves it. */
export function createSignal(): readonly [promise: Promise<void>, give: () => void] {
  let give = (): void => {};
  const promise = new Promise<void>((resolve) => {
    give = resolve;
  });
  return [promise, () => give()];
}
