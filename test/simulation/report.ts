import type { ScenarioOptions, ScenarioResult } from './scenario.ts';

/** The command that runs one scenario again. */
export function formatCommand({ seed, operations, clients, tabs }: ScenarioOptions): string {
  const count = clients === undefined ? '' : ` --clients ${clients}`;
  const most = tabs === undefined ? '' : ` --tabs ${tabs}`;
  return `npm run simulate -- --seed ${seed} --operations ${operations}${count}${most} --trace`;
}

/** What went wrong, what led to it, and how to see it again. */
export function formatFailure(options: ScenarioOptions, { violations, lines }: ScenarioResult): string {
  return [
    `Seed ${options.seed}: ${violations.length} violations.`,
    ...violations.slice(0, 5),
    `Again: ${formatCommand(options)}`,
    'The end of the trace:',
    ...lines.slice(-40),
  ].join('\n');
}
