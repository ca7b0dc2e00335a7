import { execFile } from 'node:child_process';
import { access, constants, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Flags that every Chromium of the tests is started with. */
export const chromiumFlags = Object.freeze([
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]);

/** The bundled browser crashes on any form control unless fontconfig finds the fonts beside it. */
const fontsBesideThis = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir prefix="relative">fonts</dir></fontconfig>
`;

/** @param {string} path */
async function isExecutable(path) {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function findInstalled() {
  for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
    for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
      const path = join(folder, name);
      if (folder !== '' && (await isExecutable(path))) return path;
    }
  }
  return null;
}

/**
 * Unpacks the browser inside the npm package once, into a folder that is either whole or absent: several test processes may ask at the same time.
 */
async function unpackBundled() {
  const manifest = await readFile(join(root, 'node_modules/@sparticuz/chromium/package.json'), 'utf8');
  const cache = join(root, 'node_modules/.cache');
  const folder = join(cache, `chromium-${JSON.parse(manifest).version}`);
  if (!(await isExecutable(join(folder, 'chromium')))) {
    await mkdir(cache, { recursive: true });
    const unpacking = await mkdtemp(join(cache, 'unpacking-'));
    const script = "import('@sparticuz/chromium').then((chromium) => chromium.default.executablePath())";
    await promisify(execFile)(process.execPath, ['--eval', script], {
      cwd: root,
      // The package unpacks into TMPDIR, and its shared libraries only where it takes the machine for AWS Lambda.
      env: { ...process.env, TMPDIR: unpacking, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x' },
    });
    await writeFile(join(unpacking, 'fonts/fonts.conf'), fontsBesideThis);
    await rename(unpacking, folder).catch((error) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
      return rm(unpacking, { recursive: true, force: true });
    });
  }
  return {
    executablePath: join(folder, 'chromium'),
    env: { LD_LIBRARY_PATH: join(folder, 'al2023/lib'), FONTCONFIG_PATH: join(folder, 'fonts') },
  };
}

/**
 * The Chromium that the tests drive: that of `SYNCLINE_CHROMIUM` (a path, or `bundled`), else the one of the PATH, else the one inside the npm
 * package `@sparticuz/chromium`, which needs nothing but glibc. `env` is the whole environment to start it with.
 *
 * @returns {Promise<{ executablePath: string, env: Record<string, string> }>}
 */
export async function findChromium() {
  const inherited = /** @type {Record<string, string>} */ ({ ...process.env });
  const wanted = process.env['SYNCLINE_CHROMIUM'];
  const installed = wanted === 'bundled' ? null : (wanted ?? (await findInstalled()));
  if (installed !== null) return { executablePath: installed, env: inherited };
  const bundled = await unpackBundled();
  return { executablePath: bundled.executablePath, env: { ...inherited, ...bundled.env } };
}
