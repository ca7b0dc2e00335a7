import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** Parts of case names; none: all cases. */
  readonly wanted: readonly string[];
  readonly rounds: number;
  /** Where CPU profiles go; null: none are taken. */
  readonly profileFolder: string | null;
  /** Measure the peers instead. */
  readonly isPeers: boolean;
}

/** Reads the command line: `npm run bench -- [case …] [--rounds 5] [--profile <folder>]`. Throws for anything else. */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '5' },
      profile: { type: 'string' },
      peers: { type: 'boolean', default: false },
    },
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds needs a whole number from 1.');
  return { wanted: positionals, rounds, profileFolder: values.profile ?? null, isPeers: values.peers };
}
