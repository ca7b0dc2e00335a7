import type { ConformanceRule } from '../conformance/rule.ts';
import { runRules, type ConformanceRunOptions } from '../conformance/run-rules.ts';
import { createStorageBench, type StorageBench, type StoragePlace } from './bench.ts';
import { keyRules } from './key.rules.ts';
import { valueRules } from './value.rules.ts';

/** How a storage is examined. */
export interface StorageConformanceOptions extends ConformanceRunOptions {
  /** Whether a storage opened again finds what an earlier one stored; default true. */
  readonly keeps?: boolean;
  /** How long a call may take; default 10,000. */
  readonly timeoutMs?: number;
}

/** Every rule that a storage keeps. */
export const storageRules: readonly ConformanceRule<StorageBench>[] = [...valueRules, ...keyRules];

/**
 * Registers tests that show whether a storage keeps the rules that the library relies on. `makePlace` is called for each test and gives an
 * empty place that no other test uses. Registers with the global `describe` and `it`, or with `runner`; throws `SyncError`
 * `invalid-option` when there is neither.
 *
 * @example
 * runStorageConformance(() => {
 *   const directory = mkdtempSync(join(tmpdir(), 'storage-'));
 *   return { open: () => createMyStorage(directory), close: () => rmSync(directory, { recursive: true }) };
 * });
 */
export function runStorageConformance(
  makePlace: () => StoragePlace | Promise<StoragePlace>,
  options: StorageConformanceOptions = {},
): void {
  const { keeps = true, timeoutMs = 10_000, name = 'the storage' } = options;
  const openBench = async () => {
    const place = await makePlace();
    return { bench: await createStorageBench(place, { keeps, timeoutMs }), close: async () => place.close?.() };
  };
  runRules(`KeyValueStorage conformance: ${name}`, storageRules, openBench, options);
}
