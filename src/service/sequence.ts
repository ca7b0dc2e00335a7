/** Runs tasks one after the other, each when those before it have ended, however they ended. */
export type Sequence = <T>(task: () => Promise<T>) => Promise<T>;

export function createSequence(): Sequence {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const result = last.then(task);
    last = result.catch(() => undefined);
    return result;
  };
}
