import { measureBundle } from '../../support/bundle-size.ts';
import { atMost, type Benchmark, type Line } from '../benchmark.ts';

const entry = './src/index.ts';

/** What an app that imports `syncline` loads: at once, and when it is needed. */
export const benchmark: Benchmark = async () => {
  const { atOnce, later } = await measureBundle(`export * from '${entry}';`);
  const usual = await measureBundle(`export { createHttpApiClient, createSyncService } from '${entry}';`);
  const least = await measureBundle(`export { createSyncService } from '${entry}';`);
  return [
    sizeLine('the entry minified and gzipped, what is loaded at once', atOnce),
    sizeLine('the entry minified and gzipped, with all that is loaded later', atOnce + later),
    sizeLine('createSyncService and createHttpApiClient, what is loaded at once', usual.atOnce),
    sizeLine('createSyncService alone, what is loaded at once', least.atOnce),
  ];
};

function sizeLine(work: string, bytes: number): Line {
  const measured = bytes / 1024;
  return { work, ours: `${measured.toFixed(1)} KB`, limit: '50 KB', measured, unit: 'KB', target: atMost(50) };
}
