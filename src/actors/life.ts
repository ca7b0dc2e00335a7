import type { Verdict } from '../outbox/verdict.ts';

/**
 * The life of the server's data that an answer is of (S39). `known`: the one that is known. `new`: one that has begun since. `unsure`:
 * another life was learnt of while the answer was on its way, and which of the two came first it does not tell.
 */
export type Life = 'known' | 'new' | 'unsure';

/**
 * Judges an answer by the epoch that it names, if any, and by what was known when the question went out. The first epoch that is
 * ever named becomes the one that is known.
 */
export type HearEpoch = (asked: string | null, told: string | null) => Life;

/** What whoever asks the backend knows of the life of its data. */
export interface KnownLife {
  /** The one that is known; null: none was ever named. */
  epoch(): string | null;
  readonly hearEpoch: HearEpoch;
}

/** What was said in another life than the one that is known: as if nothing had been said. */
export const fromAnotherLife = {
  type: 'unanswered',
  error: { code: 'epoch-changed', message: "The server's data was reset." },
  reach: 'answered',
  retryAfterMs: 0,
} as const satisfies Verdict;
