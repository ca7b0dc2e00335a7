import { parseArgs } from 'node:util';
import { formatCommand } from './report.ts';
import { runScenario } from './scenario.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1' },
    clients: { type: 'string' },
    tabs: { type: 'string' },
    operations: { type: 'string', default: '60' },
    trace: { type: 'boolean', default: false },
  },
});

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

for (let at = 0; at < Number(values.seeds); at += 1) {
  const options = {
    seed: Number(values.seed) + at,
    operations: Number(values.operations),
    ...(values.clients === undefined ? {} : { clients: Number(values.clients) }),
    ...(values.tabs === undefined ? {} : { tabs: Number(values.tabs) }),
  };
  const { violations, lines, faults, writes, applied, conflicts } = await runScenario(options);
  if (values.trace) print(lines.join('\n'));
  const faultCount = [...faults.values()].reduce((sum, count) => sum + count, 0);
  print(`seed ${options.seed}: ${writes} writes, ${applied} applied, ${conflicts} conflicts, ${faultCount} faults`);
  if (violations.length === 0) continue;
  print(
    violations
      .slice(0, 3)
      .map((violation) => `  ${violation}`)
      .join('\n'),
  );
  print(`  ${formatCommand(options)}`);
  process.exitCode = 1;
}
