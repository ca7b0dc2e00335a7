import { runBundled } from '../support/run-bundled.mjs';

await runBundled(new URL('main.ts', import.meta.url), 'bench');
