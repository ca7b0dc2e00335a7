import type { FaultPlan, WorldShape } from './fault-plan.ts';
import type { ScenarioOptions } from './scenario.ts';

const shape: Partial<WorldShape> = { socket: 'messages', references: false, backend: 'idempotent' };
const plan: Partial<FaultPlan> = { serverRestores: 0, leastFaults: 0 };

/** The same runs without what is drawn only since they were named: their seeds mean what they meant. */
export function inOlderWorlds(
  runs: Readonly<Record<string, ScenarioOptions>>,
): Readonly<Record<string, ScenarioOptions>> {
  const inOlderWorld = (run: ScenarioOptions): ScenarioOptions => ({
    ...run,
    plan: { ...plan, ...run.plan },
    shape: { ...shape, ...run.shape },
  });
  return Object.fromEntries(Object.entries(runs).map(([name, run]) => [name, inOlderWorld(run)]));
}
