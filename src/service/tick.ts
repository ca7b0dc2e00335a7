/** Runs a task once at the end of the current tick, however often it is asked for. */
export interface TickTask {
  request(): void;
}

export function createTickTask(run: () => void): TickTask {
  let isRequested = false;
  return {
    request() {
      if (isRequested) return;
      isRequested = true;
      void Promise.resolve().then(() => {
        isRequested = false;
        run();
      });
    },
  };
}
