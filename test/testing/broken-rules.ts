import { checkRule, type ConformanceRule } from '../../src/testing/conformance/rule.ts';
import type { Opened } from '../../src/testing/conformance/run-rules.ts';

/** What a set of rules says: the ids of those that are broken, and of those that do not apply. */
export interface Verdict {
  readonly broken: readonly string[];
  readonly skipped: readonly string[];
  /** What each broken rule says, by its id. */
  readonly messages: ReadonlyMap<string, string>;
}

/** Checks every rule, each on a bench of its own. */
export async function judge<Bench>(
  rules: readonly ConformanceRule<Bench>[],
  open: () => Promise<Opened<Bench>>,
): Promise<Verdict> {
  const messages = new Map<string, string>();
  const skipped: string[] = [];
  await Promise.all(
    rules.map(async (rule) => {
      const { bench, close } = await open();
      const reason = await Promise.resolve(rule.skips?.(bench)).catch(() => null);
      if (typeof reason === 'string') skipped.push(rule.id);
      else await checkRule(rule, bench).catch((error: Error) => messages.set(rule.id, error.message));
      await close();
    }),
  );
  return { broken: [...messages.keys()].toSorted(), skipped: skipped.toSorted(), messages };
}
