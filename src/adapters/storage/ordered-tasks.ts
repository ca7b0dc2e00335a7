/** Runs tasks of one key one after another, those of different keys side by side. */
export interface OrderedTasks {
  run<T>(key: string, task: () => Promise<T>): Promise<T>;
  /** Runs when all earlier tasks have ended; later ones wait for it. */
  runAlone<T>(task: () => Promise<T>): Promise<T>;
}

/** Order is that of the calls. A failing task holds nothing up. */
export function createOrderedTasks(): OrderedTasks {
  const lastByKey = new Map<string, Promise<unknown>>();
  let barrier: Promise<unknown> = Promise.resolve();

  const settled = (task: Promise<unknown>): Promise<unknown> => task.catch(() => undefined);

  return {
    run(key, task) {
      const running = (lastByKey.get(key) ?? barrier).then(task);
      const end = settled(running).then(() => {
        if (lastByKey.get(key) === end) lastByKey.delete(key);
      });
      lastByKey.set(key, end);
      return running;
    },
    runAlone(task) {
      const running = Promise.all([barrier, ...lastByKey.values()]).then(task);
      barrier = settled(running);
      lastByKey.clear();
      return running;
    },
  };
}
