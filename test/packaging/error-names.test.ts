import { build } from 'esbuild';
import { expect, test } from 'vitest';
import * as syncline from '../../src/index.ts';
import { root, run } from './packed-package.ts';

const errorNames = Object.entries(syncline)
  .filter(([, exported]) => typeof exported === 'function' && exported.prototype instanceof Error)
  .map(([name]) => name);

test('the errors keep their names when an app is minified', async () => {
  const names = errorNames.join(', ');
  const { outputFiles } = await build({
    stdin: {
      contents: `import { ${names} } from './dist/src/index.js';
        console.log(JSON.stringify([${names}].map((SomeError) => new SomeError({}).name)));`,
      resolveDir: root,
    },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2023',
  });
  const script = outputFiles[0]?.text ?? '';
  const { output } = await run(process.execPath, ['--input-type=module', '--eval', script], root);
  expect(errorNames).toEqual(expect.arrayContaining(['SyncError', 'ConflictError', 'EpochChangedError']));
  expect(JSON.parse(output)).toEqual(errorNames);
});
