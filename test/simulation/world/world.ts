import { createSeededRandom, type SeededRandom } from '../../../src/testing/seeded-random.ts';
import { createVirtualClock, type VirtualClock } from '../../../src/testing/virtual-clock.ts';
import { noFaults, type FaultPlan, type WorldShape } from '../fault-plan.ts';
import { createBackend, type Backend } from './backend.ts';
import { refusedNote } from './simulated-entity.ts';
import { createExchanges, type Exchanges } from './exchanges.ts';
import { createTrace, type Trace } from './trace.ts';

/** Everything that the clients of one run share. Repeatable from its seed. */
export interface World {
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  readonly trace: Trace;
  readonly shape: WorldShape;
  readonly backend: Backend;
  readonly exchanges: Exchanges;
  /** The faults that hold now. */
  faults(): FaultPlan;
  isServerUp(): boolean;
  /** The backend's process is gone for a while; its data stays. */
  restartServer(downMs: number): void;
  /** The backend is gone for a while, and comes back without the last so many changes. What it answered before arrives before that. */
  restoreServer(lost: number, downMs: number): void;
  /** From here on nothing goes wrong any more. */
  heal(): void;
}

/** What one run is drawn from. */
export interface WorldOptions {
  readonly seed: number;
  readonly plan: FaultPlan;
  readonly shape: WorldShape;
}

/** A world at its first instant. */
export function createWorld({ seed, plan, shape }: WorldOptions): World {
  const clock = createVirtualClock();
  const random = createSeededRandom(seed);
  const trace = createTrace(clock.now);
  trace.note(`${JSON.stringify(shape)} ${JSON.stringify(plan)}`);
  const backend = createBackend({
    now: clock.now,
    shape,
    trace,
    refusal: (content) => (content['note'] === refusedNote ? 'The note is not allowed.' : null),
  });
  let faults = plan;
  let upAtMs = 0;
  let restoredAtMs = 0;

  return {
    clock,
    random,
    trace,
    shape,
    backend,
    exchanges: createExchanges(shape, trace),
    faults: () => faults,
    isServerUp: () => clock.now() >= Math.max(upAtMs, restoredAtMs),
    restartServer(downMs) {
      trace.fault('server restart', `down for ${downMs} ms`);
      upAtMs = clock.now() + downMs;
    },
    restoreServer(lost, downMs) {
      trace.fault('server restored', `without the last ${lost} changes, down for ${downMs} ms`);
      backend.restore(lost);
      restoredAtMs = clock.now() + downMs;
    },
    heal() {
      trace.note('-- no faults from here on --');
      faults = noFaults;
      upAtMs = 0;
    },
  };
}
