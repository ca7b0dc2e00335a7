import { runScenario, type ScenarioOptions, type ScenarioResult } from './scenario.ts';
import { shrink, type FailingRun } from './shrink.ts';

/** The command that runs one scenario again. */
export function formatCommand(options: ScenarioOptions): string {
  const flags = Object.entries(options).map(([name, value]) => `--${dashed(name)} ${formatValue(value)}`);
  return `npm run simulate -- ${flags.join(' ')} --trace`;
}

function dashed(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function formatValue(value: unknown): string {
  const text = JSON.stringify(value);
  return typeof value === 'object' ? `'${text}'` : text;
}

/** What went wrong, what led to it, and how to see it again. */
function formatFailure({ options, result: { violations, lines } }: FailingRun): string {
  return [
    `Seed ${options.seed}: ${violations.length} violations.`,
    ...violations.slice(0, 5),
    `Again: ${formatCommand(options)}`,
    'The end of the trace:',
    ...lines.slice(-40),
  ].join('\n');
}

/** Runs a scenario that must break no promise. Rejects with the smallest run that breaks the same one. */
export async function runPassing(options: ScenarioOptions): Promise<ScenarioResult> {
  const result = await runScenario(options);
  if (result.violations.length === 0) return result;
  throw new Error(formatFailure(await shrink({ options, result })));
}
