import type { Clock } from '../../../src/ports/environment.ts';
import type { KeyValueStorage } from '../../../src/ports/storage.ts';
import type { SeededRandom } from '../../../src/testing/seeded-random.ts';
import type { VirtualProcess } from './process.ts';
import type { Trace } from './trace.ts';

/** How often a change fails or takes longer than a watchdog waits: shares of the calls. */
export interface DiskFaults {
  readonly storageErrors: number;
  readonly storageStalls: number;
}

/** What a device's storage holds. It outlives the device's processes, several of which may have it open at a time. */
export interface VirtualDisk {
  /** The disk as one process sees it: its calls are done one after the other, in order. */
  open(process: VirtualProcess): KeyValueStorage;
  /** Calls `crash` with the process that makes the n-th change from now on, right after the change. */
  crashAt(step: number, crash: (process: VirtualProcess) => void): void;
  /** Changes done so far. */
  readonly steps: number;
  readonly content: ReadonlyMap<string, unknown>;
  setFaults(faults: DiskFaults): void;
}

/** What a disk is made of. `random` decides how long calls take and which fail. */
export interface DiskOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly trace: Trace;
  readonly faults: DiskFaults;
}

interface UnderWay {
  readonly process: VirtualProcess;
  readonly land: () => void;
}

const stallMs = 15_000;

/** An empty disk. */
export function createDisk({ name, clock, random, trace, faults }: DiskOptions): VirtualDisk {
  const content = new Map<string, unknown>();
  let currentFaults = faults;
  let steps = 0;
  let crashStep = Infinity;
  let crash: (process: VirtualProcess) => void = () => undefined;
  let lastCall = 0;
  const cutOff = new WeakSet<VirtualProcess>();
  const underWay = new Map<number, UnderWay>();

  const change = (process: VirtualProcess, label: string, apply: () => unknown): void => {
    apply();
    steps += 1;
    trace.note(`${process.name} disk ${steps} ${label}`);
    if (steps !== crashStep) return;
    crashStep = Infinity;
    trace.note(`${process.name} stops after step ${steps}`);
    crash(process);
  };

  /** What a killed process had under way lands up to a point, and before anybody reads the disk again. */
  const settleDead = (): void => {
    for (const [call, { process, land }] of underWay) {
      if (process.isAlive) continue;
      underWay.delete(call);
      if (!cutOff.has(process) && !random.chance(0.5)) cutOff.add(process);
      if (!cutOff.has(process)) land();
    }
  };
  const open = (process: VirtualProcess): KeyValueStorage => {
    settleDead();
    let freeAtMs = 0;
    const call = <T>(label: string, isChange: boolean, apply: () => T): Promise<T> =>
      new Promise((resolve, reject) => {
        if (!process.isAlive) return;
        const stalls = isChange && random.chance(currentFaults.storageStalls);
        if (stalls) trace.fault('storage stalled', `${process.name} ${label}`);
        const fails = isChange && random.chance(currentFaults.storageErrors);
        freeAtMs = Math.max(freeAtMs, clock.now()) + random.int(3) + (stalls ? stallMs : 0);
        let value: T | undefined;
        const land = (): void => {
          if (isChange) change(process, label, () => (value = apply()));
          else value = apply();
        };
        const id = ++lastCall;
        if (isChange && !fails) underWay.set(id, { process, land });
        clock.setTimeout(() => {
          settleDead();
          if (!process.isAlive) return;
          underWay.delete(id);
          if (fails) {
            trace.fault('storage failed', `${process.name} ${label}`);
            process.deliver(() => {
              reject(new Error('QuotaExceededError'));
            });
            return;
          }
          land();
          process.deliver(() => {
            resolve(value as T);
          });
        }, freeAtMs - clock.now());
      });

    return {
      getItem: <T>(key: string) =>
        call(`get ${key}`, false, () => structuredClone(content.get(key) ?? null) as T | null),
      setItem: async <T>(key: string, value: T) => {
        const stored = structuredClone(value);
        return call(`set ${key}`, true, () => {
          content.set(key, stored);
          return value;
        });
      },
      setAndList: async (key, value, prefix) => {
        const stored = structuredClone(value);
        return call(`set ${key}`, true, () => {
          content.set(key, stored);
          return [...content.keys()].filter((each) => each.startsWith(prefix));
        });
      },
      removeItem: (key) =>
        call(`remove ${key}`, true, () => {
          content.delete(key);
        }),
      keys: () => call('keys', false, () => [...content.keys()]),
      clear: () =>
        call('clear', true, () => {
          content.clear();
        }),
    };
  };

  trace.note(`${name} has a disk`);
  return {
    open,
    crashAt(step, onCrash) {
      crashStep = steps + step;
      crash = onCrash;
    },
    get steps() {
      return steps;
    },
    content,
    setFaults(next) {
      currentFaults = next;
    },
  };
}
