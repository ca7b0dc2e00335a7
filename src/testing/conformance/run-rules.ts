import { SyncError } from '../../core/errors.ts';
import { checkRule, type ConformanceRule } from './rule.ts';

/** The two functions of a test runner that are used: those of Vitest, Jest, Mocha, `node:test` and Bun fit. */
export interface TestRunner {
  describe(name: string, body: () => void): unknown;
  it(name: string, body: () => Promise<void>, timeoutMs?: number): unknown;
}

/** How conformance tests are registered. */
export interface ConformanceRunOptions {
  /** In the title of the group. */
  readonly name?: string;
  /** Default: the globals `describe` and `it`. */
  readonly runner?: TestRunner;
  /** Hears why a rule is skipped; default: the console. */
  readonly print?: (line: string) => void;
}

/** What every test gets anew. */
export interface Opened<Bench> {
  readonly bench: Bench;
  close(): Promise<void>;
}

const testTimeoutMs = 60_000;

/** Registers one test for each rule. A rule that does not apply prints why, and is skipped where the runner can. */
export function runRules<Bench>(
  title: string,
  rules: readonly ConformanceRule<Bench>[],
  open: () => Promise<Opened<Bench>>,
  options: ConformanceRunOptions,
): void {
  const { describe, it } = options.runner ?? globalRunner();
  const print = options.print ?? ((line: string) => console.log(line));

  describe(title, () => {
    for (const rule of rules) {
      // Rest parameters: to Mocha and Jest, a function that names a parameter waits for its call.
      const body = async function test(this: unknown, ...given: unknown[]): Promise<void> {
        giveTime(this);
        const { bench, close } = await open();
        try {
          const reason = (await rule.skips?.(bench)) ?? null;
          if (reason === null) return await checkRule(rule, bench);
          print(`skipped ${rule.id}: ${reason}`);
          skip(given[0] ?? this, reason);
        } finally {
          await close();
        }
      };
      const cited = rule.cites === undefined ? '' : `${rule.cites} `;
      it(`${cited}${rule.id}: ${rule.title}`, body, testTimeoutMs);
    }
  });
}

function globalRunner(): TestRunner {
  const { describe, it } = globalThis as Partial<TestRunner>;
  if (typeof describe === 'function' && typeof it === 'function') return { describe, it };
  throw new SyncError(
    'invalid-option',
    'There is no test runner: no global `describe` and `it`. Pass yours as the option `runner`, such as { describe, it } of node:test.',
    { path: '/runner' },
  );
}

/** Mocha keeps its limit in the test. */
function giveTime(test: unknown): void {
  const { timeout } = (test ?? {}) as { timeout?: unknown };
  if (typeof timeout === 'function') timeout.call(test, testTimeoutMs);
}

/** Vitest and `node:test` hand a test over that can be skipped; Mocha's is `this`. */
function skip(test: unknown, reason: string): void {
  const { skip: skipTest } = (test ?? {}) as { skip?: unknown };
  if (typeof skipTest === 'function') skipTest.call(test, reason);
}
