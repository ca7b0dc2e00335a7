import type { FaultPlan, WorldShape } from '../simulation/fault-plan.ts';
import { withReplaced, type Replacement } from './replacement.ts';

/** A fault that whole simulated worlds must show. */
export interface SimulationFault {
  readonly name: string;
  /** Ids of which the run that shows it must name one. */
  readonly breaks: readonly string[];
  readonly replacements: readonly Replacement[];
  /** What is exchanged with and without the fault, so that it matters. */
  readonly setting?: readonly Replacement[];
  readonly clients?: number;
  /** Most tabs of a device. Default: 1. */
  readonly tabs?: number;
  /** Default: 60. */
  readonly operations?: number;
  /** What the faults of the world must be for this one to matter; the rest is drawn. */
  readonly plan?: Partial<FaultPlan>;
  readonly shape?: Partial<WorldShape>;
}

/** Where a fault was seen. */
export interface Sighting {
  readonly seed: number;
  readonly violation: string;
}

/** Runs seeds with the fault planted until one shows what it breaks; null: none of them did. */
export function findSighting(fault: SimulationFault, seeds: readonly number[]): Promise<Sighting | null> {
  const isMeant = (violation: string) => fault.breaks.some((id) => violation.startsWith(`${id} `));
  return withReplaced([...(fault.setting ?? []), ...fault.replacements], async () => {
    for (const seed of seeds) {
      const violation = (await violationsOf(fault, seed)).find(isMeant);
      if (violation !== undefined) return { seed, violation };
    }
    return null;
  });
}

/** What the same world shows without the fault. */
export function violationsWithout(fault: SimulationFault, seed: number): Promise<readonly string[]> {
  return withReplaced(fault.setting ?? [], () => violationsOf(fault, seed));
}

/** What is drawn besides makes a world in which a fault shows later. */
const plainest: Partial<WorldShape> = { references: false, backend: 'idempotent' };

async function violationsOf(
  { operations = 60, clients, tabs, plan, shape }: SimulationFault,
  seed: number,
): Promise<readonly string[]> {
  const { runScenario } = await import('../simulation/scenario.ts');
  const { violations } = await runScenario({
    seed,
    operations,
    ...(clients === undefined ? {} : { clients }),
    ...(tabs === undefined ? {} : { tabs }),
    ...(plan ? { plan } : {}),
    shape: { ...plainest, ...shape },
  });
  return violations;
}
