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
