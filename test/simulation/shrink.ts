import { noFaults, type FaultPlan, type WorldShape } from './fault-plan.ts';
import { runScenario, type ScenarioOptions, type ScenarioResult } from './scenario.ts';

/** A run that fails, and what it showed. */
export interface FailingRun {
  readonly options: ScenarioOptions;
  readonly result: ScenarioResult;
}

/** How far to go. */
export interface ShrinkOptions {
  /** Further runs at most. */
  readonly runs?: number;
  readonly run?: typeof runScenario;
}

type Step = (run: FailingRun) => readonly ScenarioOptions[];

const plainShape: Partial<WorldShape> = {
  batch: false,
  probe: false,
  realTime: false,
  computedField: false,
  feedPatches: false,
  feedLength: 1_000_000,
  strategy: 'merge',
  order: 'entity',
  deletes: false,
  sharedEntities: 1,
  references: false,
  backend: 'idempotent',
};

/** The first half first, then ever smaller pieces off the end. */
const fewerOperations: Step = ({ options }) => {
  const { upTo = options.operations } = options;
  return [2, 4, 8, 16, 64]
    .map((part) => upTo - Math.ceil(upTo / part))
    .filter((fewer) => fewer > 0)
    .map((fewer) => ({ ...options, upTo: fewer }));
};

const fewerFaults: Step = ({ options, result }) => {
  const plan = { ...result.plan, ...options.plan };
  const drawn = (Object.keys(noFaults) as (keyof FaultPlan)[]).filter((kind) => plan[kind] !== noFaults[kind]);
  return drawn.map((kind) => ({ ...options, plan: { ...options.plan, [kind]: noFaults[kind] } }));
};

const fewerClients: Step = ({ options, result }) => {
  const count = options.clients ?? result.shape.clients;
  return count > 1 ? [{ ...options, clients: count - 1 }] : [];
};

const plainerShape: Step = ({ options, result }) => {
  const shape = { ...result.shape, ...options.shape };
  const odd = (Object.keys(plainShape) as (keyof WorldShape)[]).filter((key) => shape[key] !== plainShape[key]);
  return odd.map((key) => ({ ...options, shape: { ...options.shape, [key]: plainShape[key] } }));
};

const steps: readonly Step[] = [fewerOperations, fewerClients, fewerFaults, plainerShape];

/**
 * The smallest run that still breaks the same promise, as far as `runs` further runs show: fewer operations, clients and
 * kinds of fault, a plainer backend.
 */
export async function shrink(
  failing: FailingRun,
  { runs = 200, run = runScenario }: ShrinkOptions = {},
): Promise<FailingRun> {
  const wanted = promiseOf(failing.result);
  let smallest = failing;
  const tried = new Set<string>();
  const findSmaller = async (): Promise<FailingRun | null> => {
    for (const options of steps.flatMap((step) => step(smallest))) {
      const name = JSON.stringify(options);
      if (tried.has(name)) continue;
      if (tried.size === runs) return null;
      tried.add(name);
      const result = await run(options);
      if (promiseOf(result) === wanted) return { options, result };
    }
    return null;
  };
  for (;;) {
    const smaller = await findSmaller();
    if (smaller === null) return smallest;
    smallest = smaller;
  }
}

/** The id that a violation starts with: `G1`. */
function promiseOf({ violations }: ScenarioResult): string | undefined {
  return violations[0]?.split(' ', 1)[0];
}
