import { Breach, ConformanceError } from './conformance-error.ts';
import { showError } from './expectations.ts';

/** One thing that must hold of what is under test. */
export interface ConformanceRule<Bench> {
  /** Kebab-case, the same for ever. */
  readonly id: string;
  /** Ids of the library's specification that need it. */
  readonly cites?: string;
  /** What holds, as a sentence without its full stop. */
  readonly title: string;
  /** What to do when it does not. */
  readonly remedy: string;
  /** Why the rule does not apply; null: it does. */
  readonly skips?: (bench: Bench) => string | null | Promise<string | null>;
  readonly check: (bench: Bench) => Promise<void>;
}

/** Checks one rule. Rejects with a {@link ConformanceError} when it is broken. */
export async function checkRule<Bench>(rule: ConformanceRule<Bench>, bench: Bench): Promise<void> {
  try {
    await rule.check(bench);
  } catch (error) {
    const seen = error instanceof Breach ? error.message : `an error that should not be: ${showError(error)}`;
    throw new ConformanceError({ rule: rule.id, title: rule.title, seen, remedy: rule.remedy, cause: error });
  }
}
