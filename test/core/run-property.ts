import { relative } from 'node:path';
import fc from 'fast-check';
import { expect, vi } from 'vitest';

const runs = process.env['SYNCLINE_RUNS'];
const seed = process.env['SYNCLINE_SEED'];
const path = process.env['SYNCLINE_PATH'];

vi.setConfig({ testTimeout: 600_000 });

/** Checks a property, and says how to run a counterexample again. SYNCLINE_RUNS changes the number of runs. */
export function runProperty<T>(property: fc.IProperty<T>, numRuns = 500): void {
  report(fc.check(property, parameters(numRuns)));
}

/** Fails when a property was checked on too few cases of a kind; one counterexample that is run again is enough. */
export function expectSeen(count: number, least: number): void {
  if (path === undefined) expect(count).toBeGreaterThanOrEqual(least);
}

/** As {@link runProperty}, for a property that takes its time. */
export async function runAsyncProperty<T>(property: fc.IAsyncProperty<T>, numRuns = 500): Promise<void> {
  report(await fc.check(property, parameters(numRuns)));
}

function parameters(numRuns: number): { numRuns: number; seed?: number; path?: string } {
  const again = { ...(seed !== undefined && { seed: Number(seed) }), ...(path !== undefined && { path }) };
  return { numRuns: Number(runs ?? numRuns), ...again };
}

function report<T>(result: fc.RunDetails<T>): void {
  if (!result.failed) return;
  const { testPath, currentTestName } = expect.getState();
  const variables = `SYNCLINE_SEED=${result.seed} SYNCLINE_PATH=${result.counterexamplePath}`;
  const command = `${variables} npx vitest run ${relative('.', testPath ?? '')} -t ${JSON.stringify(currentTestName)}`;
  throw new Error(`${fc.defaultReportMessage(result)}\nRun again: ${command}`, { cause: result.errorInstance });
}
