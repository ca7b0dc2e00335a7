import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { PlainError } from './plain-error.mjs';

const library = ['src', 'machines', 'tsconfig.json', 'tsconfig.node.json', 'package-lock.json'];
const playground = 'visualizations/playground';
const page = ['page', 'styles', 'index.html', 'icon.svg', 'vite.config.mjs'].map((path) => `${playground}/${path}`);

/** Compiles the library and bundles the page, each only when its sources are not those of its last build. */
export async function buildWhatIsStale(root) {
  if (!existsSync(join(root, 'node_modules/vite'))) throw new PlainError('Run `npm install` first.');
  const stamps = join(root, 'node_modules/.cache/playground');
  mkdirSync(stamps, { recursive: true });
  await buildIfStale({
    title: 'Compiling the library …',
    sources: library.map((path) => join(root, path)),
    result: join(root, 'dist/src/index.js'),
    stamp: join(stamps, 'library'),
    build: () => compile(root),
  });
  await buildIfStale({
    title: 'Building the page …',
    sources: [...library, ...page].map((path) => join(root, path)),
    result: join(root, playground, 'dist/index.html'),
    stamp: join(stamps, 'page'),
    build: bundle,
  });
}

async function buildIfStale({ title, sources, result, stamp, build }) {
  const wanted = fingerprint(sources);
  if (existsSync(result) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  rmSync(stamp, { force: true });
  console.log(title);
  await build();
  writeFileSync(stamp, wanted);
}

/** Changes whenever a file under the paths is changed, added or removed. */
function fingerprint(paths) {
  const hash = createHash('sha256');
  for (const path of paths.flatMap(filesUnder)) {
    const { size, mtimeMs } = statSync(path);
    hash.update(`${path} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

function filesUnder(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .toSorted()
    .flatMap((name) => filesUnder(join(path, name)));
}

function compile(root) {
  const { status } = spawnSync(process.execPath, [join(root, 'scripts/build.mjs')], { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new PlainError('The library does not compile; the compiler says why above.');
}

async function bundle() {
  const { build } = await import('vite');
  const { default: config } = await import('./vite.config.mjs');
  try {
    await build({ ...config, configFile: false });
  } catch (error) {
    throw new PlainError(`The page does not build: ${error.message}`);
  }
}
