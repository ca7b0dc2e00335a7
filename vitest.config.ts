import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { chromiumFlags, findChromium } from './test/support/chromium.mjs';

const inChromium = ['test/**/*.browser.test.ts'];
const longTier = ['test/**/*.long.test.ts', 'test/browser/**/*.test.ts', 'test/packaging/**/*.test.ts'];

const simulation = ['test/simulation/**/*.test.ts'];

const properties = [
  'test/**/*.property.test.ts',
  'test/**/*.graph.test.ts',
  'test/**/*-crash.test.ts',
  'test/**/*-kill.test.ts',
  'test/readme/**/*.test.ts',
];

const { executablePath, env } = await findChromium();

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          setupFiles: ['test/support/property-seed.ts', 'test/support/search-for-tokens.ts'],
          environment: 'node',
          include: ['test/**/*.test.ts'],
          exclude: ['**/node_modules/**', ...inChromium, ...longTier, ...simulation, ...properties],
          testTimeout: 30_000,
          // Files share a process and its modules: a test takes back what it changes of a global.
          isolate: false,
          sequence: { groupOrder: 1 },
          maxWorkers: '100%',
          restoreMocks: true,
          unstubGlobals: true,
        },
      },
      {
        test: {
          name: 'property',
          setupFiles: ['test/support/property-seed.ts'],
          environment: 'node',
          include: properties,
          exclude: ['**/node_modules/**', ...inChromium, ...longTier],
          testTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'simulation',
          environment: 'node',
          include: simulation,
          exclude: ['**/node_modules/**'],
          testTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'long',
          environment: 'node',
          include: longTier,
          exclude: ['**/node_modules/**', ...inChromium],
          testTimeout: 300_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        // Found only while a test runs, it would be bundled then and reload the page under the test.
        optimizeDeps: { include: ['localforage'] },
        test: {
          name: 'browser',
          include: inChromium,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: { executablePath, args: [...chromiumFlags], env } }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
});
