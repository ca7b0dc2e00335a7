/** Repeatable chance: the same seed and labels give the same numbers. */
export interface SeededRandom {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform in 0 … n - 1. */
  int(n: number): number;
  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T;
  /** True with probability `p`. */
  chance(p: number): boolean;
  /** A stream of its own: what is drawn from it does not move this one, nor the other way round. */
  fork(label: string): SeededRandom;
}

/**
 * A generator (sfc32) seeded with any number. Not for secrets.
 *
 * @example
 * const random = createSeededRandom(7);
 * random.fork('network').int(10); // the same in every run
 */
export function createSeededRandom(seed: number): SeededRandom {
  return streamOf(`${seed}`);
}

function streamOf(name: string): SeededRandom {
  const next = sfc32(hash(`${name}/a`), hash(`${name}/b`), hash(`${name}/c`));
  return {
    next,
    int: (n) => Math.floor(next() * n),
    pick: (list) => list[Math.floor(next() * list.length)] as (typeof list)[number],
    chance: (p) => next() < p,
    fork: (label) => streamOf(`${name}/${label}`),
  };
}

function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return value >>> 0;
}

function sfc32(seedA: number, seedB: number, seedC: number): () => number {
  let [a, b, c, counter] = [seedA, seedB, seedC, 1];
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 4294967296;
  };
  for (let round = 0; round < 15; round += 1) next();
  return next;
}
