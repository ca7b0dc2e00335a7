import type { BenchOptions } from '../options.ts';
export async function runPeers(_: BenchOptions): Promise<void> {}
