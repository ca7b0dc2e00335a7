import { relative } from 'node:path';
import fc from 'fast-check';
import { expect, vi } from 'vitest';

const runs = Number(process.env['SYNCLINE_RUNS'] ?? 200);
const seed = process.env['SYNCLINE_SEED'];
const path = process.env['SYNCLINE_PATH'];

vi.setConfig({ testTimeout: 600_000 });

/** Checks a property at least 200 times, or SYNCLINE_RUNS times where that is more; a failure says how to run it again. */
export function runProperty<T>(property: fc.IProperty<T>, numRuns = 500, examples: T[] = []): void {
  report(fc.check(property, parameters(numRuns, examples)));
}

/** As {@link runProperty}, for a property that takes its time. */
export async function runAsyncProperty<T>(
  property: fc.IAsyncProperty<T>,
  numRuns = 500,
  examples: T[] = [],
): Promise<void> {
  report(await fc.check(property, parameters(numRuns, examples)));
}

/** What a property lives through: up to 80 commands, as often many as few. */
export function commandsOf<T>(command: fc.Arbitrary<T>, minLength = 0): fc.Arbitrary<T[]> {
  return fc.array(command, { minLength, maxLength: 80, size: 'max' });
}

/** Fails when a property was checked on too few cases of a kind; one counterexample that is run again is enough. */
export function expectSeen(count: number, least: number, what?: string): void {
  if (path === undefined) expect(count, what).toBeGreaterThanOrEqual(least);
}

function parameters<T>(numRuns: number, examples: T[]): fc.Parameters<T> {
  const again = { ...(seed !== undefined && { seed: Number(seed) }), ...(path !== undefined && { path }) };
  return { numRuns: Math.max(numRuns, runs), examples, ...again };
}

function report<T>(result: fc.RunDetails<T>): void {
  if (!result.failed) return;
  const { testPath, currentTestName } = expect.getState();
  const variables = `SYNCLINE_SEED=${result.seed} SYNCLINE_PATH=${result.counterexamplePath}`;
  const command = `${variables} npx vitest run ${relative('.', testPath ?? '')} -t ${JSON.stringify(currentTestName)}`;
  throw new Error(`${fc.defaultReportMessage(result)}\nRun again: ${command}`, { cause: result.errorInstance });
}
