import { runRules } from '../conformance/run-rules.ts';
import type { ConformanceRule } from '../conformance/rule.ts';
import { batchRules } from './batch.rules.ts';
import { createApiClientBench, type ApiClientBench } from './bench.ts';
import { callRules } from './call.rules.ts';
import { entityRules } from './entity.rules.ts';
import { feedRules } from './feed.rules.ts';
import type { ApiClientConformanceOptions, ApiClientUnderTest } from './options.ts';
import { repeatRules } from './repeat.rules.ts';
import { versionRules } from './version.rules.ts';

/** Every rule that an ApiClient and its backend keep. */
export const apiClientRules: readonly ConformanceRule<ApiClientBench>[] = [
  ...entityRules,
  ...versionRules,
  ...callRules,
  ...repeatRules,
  ...batchRules,
  ...feedRules,
];

/**
 * Registers tests that show whether a backend, through its ApiClient, keeps the rules that the library relies on. Each failure names the
 * rule, what was seen and what to do. Rules of capabilities that the client does not declare print why they are skipped.
 *
 * `open` is called for each test. The backend need not be empty: ids are new. Registers with the global `describe` and `it`, or with
 * `runner`; throws `SyncError` `invalid-option` when there is neither.
 *
 * @example
 * runApiClientConformance(async () => ({ client: createMyApiClient('http://127.0.0.1:3000') }), { name: 'my backend' });
 */
export function runApiClientConformance(
  open: () => ApiClientUnderTest | Promise<ApiClientUnderTest>,
  options: ApiClientConformanceOptions = {},
): void {
  const openBench = async () => {
    const opened = await open();
    return { bench: createApiClientBench(opened, options), close: async () => opened.close?.() };
  };
  runRules(`ApiClient conformance: ${options.name ?? 'the client'}`, apiClientRules, openBench, options);
}
