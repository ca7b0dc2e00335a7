/** Lets so many tasks run at a time; the others wait, in the order of asking. */
export interface Turns {
  /** Settles as the task does. */
  take<T>(task: () => Promise<T>): Promise<T>;
}

/** `limit`: tasks at the same time, at least 1. */
export function createTurns(limit: number): Turns {
  const waiting: (() => void)[] = [];
  let running = 0;

  const end = (): void => {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  };
  const begin = (): Promise<void> => {
    if (running < limit) {
      running += 1;
      return Promise.resolve();
    }
    return new Promise((resolve) => waiting.push(resolve));
  };

  return {
    async take(task) {
      await begin();
      try {
        return await task();
      } finally {
        end();
      }
    },
  };
}
