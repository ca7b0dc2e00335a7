import fc from 'fast-check';
import { expect, vi } from 'vitest';
import { askedNumber } from '../support/asked-number.ts';
import { commandToRunAgain } from '../support/run-again.ts';

const least = 200;
const runs = askedNumber('SYNCLINE_RUNS', least);
const path = process.env['SYNCLINE_PATH'];

// More runs than every change gets take as long as they take.
vi.setConfig({ testTimeout: runs > least ? 0 : 600_000 });

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

/** The error of the first of so many runs that fails; null: none does. For a property that a planted fault must break. */
export async function findFailure<T>(property: fc.IAsyncProperty<T>, numRuns: number): Promise<Error | null> {
  const { errorInstance } = await fc.check(property, { numRuns, endOnFailure: true });
  return errorInstance as Error | null;
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
  return { numRuns: Math.max(numRuns, runs, least), examples, ...(path !== undefined && { path }) };
}

function report<T>(result: fc.RunDetails<T>): void {
  if (!result.failed) return;
  const command = commandToRunAgain({ SYNCLINE_SEED: result.seed, SYNCLINE_PATH: result.counterexamplePath });
  throw new Error(`${fc.defaultReportMessage(result)}\nRun again: ${command}`, { cause: result.errorInstance });
}
