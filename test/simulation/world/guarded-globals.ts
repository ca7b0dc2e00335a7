type Timer = 'setTimeout' | 'setInterval' | 'setImmediate';

const timers: readonly Timer[] = ['setTimeout', 'setInterval', 'setImmediate'];
const vendorsOfTheEngine = /node_modules\/(xstate|rxjs)\//;
const isForeign = /node:|node_modules\/(?!xstate\/|rxjs\/)/;

/**
 * Takes real time, chance and network away from the code under test until the returned function is called. Project code that
 * reaches for them gets an error. XState and RxJS, which read the time and chance for ids only, get constants, and an error
 * for timers. `unhandled` hears errors that XState would throw from a timer.
 */
export function guardGlobals(unhandled: (error: unknown) => void): () => void {
  const real = {
    Date: globalThis.Date,
    random: Math.random,
    fetch: globalThis.fetch,
    setTimeout: globalThis.setTimeout,
    setInterval: globalThis.setInterval,
    setImmediate: globalThis.setImmediate,
  };
  const refuse = (what: string): never => {
    const error = new Error(`${what} is real: take it from the environment.`);
    unhandled(error);
    throw error;
  };
  const choose = <T>(what: string, actual: () => T, constant: () => T): T => {
    const from = caller();
    if (isForeign.test(from)) return actual();
    return vendorsOfTheEngine.test(from) ? constant() : refuse(what);
  };

  for (const name of timers) {
    const actual = real[name] as (...args: unknown[]) => unknown;
    globalThis[name] = ((fn: () => void, ...rest: unknown[]) =>
      choose(
        name,
        () => actual(fn, ...rest),
        () => {
          if (name !== 'setTimeout' || rest[0] !== undefined) return refuse(name);
          try {
            fn();
          } catch (error) {
            unhandled(error);
          }
          return 0;
        },
      )) as never;
  }
  Math.random = () => choose('Math.random', real.random, () => 0.5);
  globalThis.fetch = () => refuse('fetch');
  globalThis.Date = guardedDate(real.Date, (actual) => choose('Date', actual, () => 0));

  return () => {
    Math.random = real.random;
    globalThis.Date = real.Date;
    globalThis.fetch = real.fetch;
    globalThis.setTimeout = real.setTimeout;
    globalThis.setInterval = real.setInterval;
    globalThis.setImmediate = real.setImmediate;
  };
}

function guardedDate(RealDate: DateConstructor, choose: (actual: () => number) => number): DateConstructor {
  return new Proxy(RealDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length > 0 ? args : [choose(() => target.now())], newTarget) as Date,
    get: (target, key) => (key === 'now' ? () => choose(() => target.now()) : Reflect.get(target, key)),
  });
}

/** The first frame outside this file. */
function caller(): string {
  const stack = new Error().stack?.split('\n').slice(1) ?? [];
  return stack.find((frame) => !frame.includes('guarded-globals') && !frame.includes('Reflect.')) ?? '';
}
