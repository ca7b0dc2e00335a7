import type { Clock } from '../ports/environment.ts';
import { fail } from './problem.ts';

/** Calls the app's hooks: what throws, rejects or takes too long is reported and becomes a problem of status 503. */
export interface Hooks {
  /** `what` says what cannot be done now, for the problem's detail. */
  run<T>(what: string, hook: () => T | Promise<T>): Promise<T>;
}

/** How many calls of hooks one request or frame has under way: neither in single file, nor a flood for what they ask. */
export const hooksAtOnce = 16;

/** `deadlineMs` is how long a hook may take. */
export function createHooks(options: {
  readonly clock: Clock;
  readonly deadlineMs: number;
  readonly reportFailure: (error: unknown) => void;
}): Hooks {
  const { clock, deadlineMs, reportFailure } = options;

  const inTime = <T>(promise: Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      const timer = clock.setTimeout(() => reject(new Error(`A hook took longer than ${deadlineMs} ms.`)), deadlineMs);
      promise.then(resolve, reject).finally(() => clock.clearTimeout(timer));
    });

  return {
    async run(what, hook) {
      try {
        const result = hook();
        return result instanceof Promise ? await inTime(result) : result;
      } catch (error) {
        reportFailure(error);
        return fail('unavailable', { detail: what }, 1);
      }
    },
  };
}
