/** A promise that the test settles. */
export interface Gate {
  readonly opened: Promise<void>;
  open(): void;
  fail(error: Error): void;
}

/** A gate that is closed. */
export function createGate(): Gate {
  let open = (): void => undefined;
  let fail: Gate['fail'] = () => undefined;
  const opened = new Promise<void>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  return { opened, open, fail };
}
