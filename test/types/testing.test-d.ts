import * as nodeTest from 'node:test';
import * as vitest from 'vitest';
import type { Environment, KeyValueStorage } from '../../src/index.ts';
import {
  createPlannedStorage,
  createTestEnvironment,
  runStorageConformance,
  type TestRunner,
} from '../../src/testing.ts';

const { describe, it } = nodeTest;

/** The functions of two runners fit as they are. */
export const runners: readonly TestRunner[] = [
  { describe, it },
  { describe: vitest.describe, it: vitest.it },
];

export const environment: Environment = createTestEnvironment({ onLine: false }).environment;
export const storage: KeyValueStorage = createPlannedStorage();

export function misuse(): void {
  // @ts-expect-error a place has to be opened
  runStorageConformance(() => createPlannedStorage());
  // @ts-expect-error a misspelt option
  runStorageConformance(() => ({ open: () => storage }), { keep: false });
}
