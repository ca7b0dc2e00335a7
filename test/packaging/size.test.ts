import { expect, test } from 'vitest';
import { measureBundle } from '../support/bundle-size.ts';

const entry = './dist/src/index.js';
const kilobytes = 1024;

test('the entry, with every export, is at most 101.5 KB minified and compressed, and 111 KB with all that is loaded later', async () => {
  const { atOnce, later } = await measureBundle(`export * from '${entry}';`);
  expect(atOnce).toBeLessThanOrEqual(101.5 * kilobytes);
  expect(atOnce + later).toBeLessThanOrEqual(111 * kilobytes);
  expect(atOnce).toBeGreaterThan(20 * kilobytes);
  expect(later).toBeGreaterThan(5 * kilobytes);
});

test('an app that brings its own ApiClient does not carry the HTTP client', async () => {
  const { atOnce, modules } = await measureBundle(`export { createSyncService } from '${entry}';`);
  expect(atOnce).toBeLessThanOrEqual(97 * kilobytes);
  expect(modules.filter((module) => module.includes('adapters/http'))).toEqual([]);
});

test('what is not used leaves nothing behind', async () => {
  const differ = await measureBundle(`export { createDiffCalculator } from '${entry}';`);
  expect(differ.packages).toEqual(['fast-json-patch']);
  expect((await measureBundle(`import '${entry}';`)).modules).toEqual([]);
});

test('of RxJS and fast-json-patch only what is called comes along', async () => {
  const { packages, modules } = await measureBundle(`export * from '${entry}';`);
  expect(packages).toEqual(['fast-json-patch', 'isomorphic-ws', 'rxjs', 'tslib', 'xstate']);
  // These read every kind of source (iterables, promises, streams of bytes), or compare documents.
  expect(modules.filter((module) => /innerFrom|mergeInternals|duplex/.test(module))).toEqual([]);
});
