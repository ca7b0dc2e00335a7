import { runBundled } from '../support/run-bundled.mjs';

await runBundled(new URL('simulate.ts', import.meta.url), 'simulate');
