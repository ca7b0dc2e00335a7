import type { Line, Target } from './benchmark.ts';

/** Takes one sample: milliseconds. Preparation and cleaning up are its own affair, outside the measured time. */
export type Sample = () => Promise<number> | number;

/** The middle value; the mean of the two in the middle of an even number. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return Number.isInteger(middle) ? (upper + (sorted[middle - 1] ?? Number.NaN)) / 2 : upper;
}

/** Milliseconds that `run` takes. */
export async function timed(run: () => unknown): Promise<number> {
  const startedAt = performance.now();
  await run();
  return performance.now() - startedAt;
}

/**
 * Medians of each side. Every round takes one sample of each in turn, so that a slow moment of the machine hits all sides;
 * the first rounds only warm up.
 */
export async function alternate<K extends string>(
  sides: Readonly<Record<K, Sample>>,
  rounds: number,
  warmUps = 1,
): Promise<Record<K, number>> {
  const names = Object.keys(sides) as K[];
  const samples = new Map<K, number[]>(names.map((name) => [name, []]));
  for (let round = -warmUps; round < rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const ms = await sides[name]();
      if (round >= 0) samples.get(name)?.push(ms);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(samples.get(name) ?? [])])) as Record<K, number>;
}

/** How many times the limit ours takes. */
export function ratioLine(work: string, ours: number, limit: number, limitName: string, target: Target | null): Line {
  return {
    work,
    ours: formatMs(ours),
    limit: `${limitName}: ${formatMs(limit)}`,
    measured: ours / limit,
    unit: 'x',
    target,
  };
}

/** How much the dearest size costs over the cheapest, each per item. `msBySize` by the name of the size. */
export function growthLine(work: string, msBySize: Readonly<Record<string, number>>, target: Target): Line {
  const values = Object.values(msBySize);
  return {
    work,
    ours: Object.entries(msBySize)
      .map(([size, ms]) => `${size}: ${formatMs(ms)}`)
      .join(', '),
    limit: 'flat',
    measured: Math.max(...values) / Math.min(...values),
    unit: 'x',
    target,
  };
}

/** Milliseconds, or microseconds below one. */
export function formatMs(ms: number): string {
  if (ms >= 100) return `${Math.round(ms).toLocaleString('en')} ms`;
  return ms >= 1 ? `${ms.toFixed(1)} ms` : `${(ms * 1000).toFixed(ms < 0.01 ? 2 : 0)} µs`;
}

/** A count, for titles. */
export function count(value: number): string {
  return value.toLocaleString('en');
}
