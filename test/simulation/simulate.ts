import { parseArgs } from 'node:util';
import type { FaultPlan, WorldShape } from './fault-plan.ts';
import { formatCommand } from './report.ts';
import { runScenario, type ScenarioOptions } from './scenario.ts';
import { shrink } from './shrink.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1' },
    clients: { type: 'string' },
    'most-clients': { type: 'string' },
    tabs: { type: 'string' },
    operations: { type: 'string', default: '60' },
    'up-to': { type: 'string' },
    plan: { type: 'string' },
    shape: { type: 'string' },
    shrink: { type: 'boolean', default: false },
    trace: { type: 'boolean', default: false },
    quiet: { type: 'boolean', default: false },
  },
});

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

const optionsOf = (seed: number): ScenarioOptions => ({
  seed,
  operations: Number(values.operations),
  ...(values['up-to'] === undefined ? {} : { upTo: Number(values['up-to']) }),
  ...(values.clients === undefined ? {} : { clients: Number(values.clients) }),
  ...(values['most-clients'] === undefined ? {} : { mostClients: Number(values['most-clients']) }),
  ...(values.tabs === undefined ? {} : { tabs: Number(values.tabs) }),
  ...(values.plan === undefined ? {} : { plan: JSON.parse(values.plan) as Partial<FaultPlan> }),
  ...(values.shape === undefined ? {} : { shape: JSON.parse(values.shape) as Partial<WorldShape> }),
});

const run = async (options: ScenarioOptions): Promise<void> => {
  const result = await runScenario(options);
  const { violations, lines, injected, writes, applied, conflicts } = result;
  if (values.trace) print(lines.join('\n'));
  if (!values.quiet || violations.length > 0) {
    print(`seed ${options.seed}: ${writes} writes, ${applied} applied, ${conflicts} conflicts, ${injected} faults`);
  }
  if (violations.length === 0) return;
  process.exitCode = 1;
  print(violations.slice(0, 3).join('\n').replaceAll(/^/gm, '  '));
  print(`  ${formatCommand(options)}`);
  if (!values.shrink) return;
  const smallest = await shrink({ options, result });
  print(`  smaller: ${formatCommand(smallest.options)}`);
};

for (let at = 0; at < Number(values.seeds); at += 1) await run(optionsOf(Number(values.seed) + at));
