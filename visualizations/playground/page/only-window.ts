/**
 * Waits until no other window of this browser shows the client, then holds it until this one is closed. `onWait` is told
 * when there is another.
 */
export async function becomeOnlyWindow(client: string, onWait: () => void): Promise<void> {
  const name = `playground/${client}`;
  const { held = [] } = await navigator.locks.query();
  if (held.some((lock) => lock.name === name)) onWait();
  await new Promise<void>((resolve) => {
    void navigator.locks.request(name, () => {
      resolve();
      return new Promise<never>(() => {});
    });
  });
}
