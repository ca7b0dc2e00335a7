import type { ConformanceRule } from '../conformance/rule.ts';
import { runRules } from '../conformance/run-rules.ts';
import {
  createTransportBench,
  type TransportBench,
  type TransportConformanceOptions,
  type TransportUnderTest,
} from './bench.ts';
import { connectionRules } from './connection.rules.ts';
import { messageRules } from './message.rules.ts';

/** Every rule that a transport keeps. */
export const transportRules: readonly ConformanceRule<TransportBench>[] = [...messageRules, ...connectionRules];

/**
 * Registers tests that show whether a real-time transport keeps the rules that the library relies on. Changes are made through `client`,
 * which has to be right itself: see `runApiClientConformance`. Registers with the global `describe` and `it`, or with `runner`; throws
 * `SyncError` `invalid-option` when there is neither.
 *
 * @example
 * runTransportConformance(() => ({ transport: createMyTransport(url), client: createMyApiClient(url) }));
 */
export function runTransportConformance(
  open: () => TransportUnderTest | Promise<TransportUnderTest>,
  options: TransportConformanceOptions = {},
): void {
  const openBench = async () => {
    const opened = await open();
    const bench = createTransportBench(opened, options);
    const close = async (): Promise<void> => {
      bench.end();
      await opened.close?.();
    };
    return { bench, close };
  };
  runRules(`RealTimeTransport conformance: ${options.name ?? 'the transport'}`, transportRules, openBench, options);
}
