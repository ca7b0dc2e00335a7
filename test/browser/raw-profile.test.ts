import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bundle } from '../support/bundle.ts';
import { createChromiumProfile, type ChromiumProfile } from './chromium-profile.ts';

const origin = 'http://localhost';

const program = `
import { createAesGcmCodec } from './src/crypto.ts';
import { createSyncService } from './src/index.ts';
import { deviceKey } from './test/crypto/device-key.ts';
import { createInMemoryApiClient } from './test/support/in-memory-api-client.ts';

/** Words come in parts, so that no file of the browser holds them because it holds this script. */
const word = (...parts) => parts.join('');

async function live(options) {
  const sync = createSyncService(createInMemoryApiClient(), options);
  const notes = sync.collection('notes');
  const note = (id, round) => ({ id, text: word('mar', 'ker', round), pin: word('can', 'ary', round), keys: [word('can', 'ary', round)] });
  await notes.put(note('synced', 1)).synced;
  await notes.patch('synced', note('synced', 2)).synced;
  sync.pause();
  await notes.put(note('pending', 3)).durable;
  return { sync, notes };
}

globalThis.writeAll = async () => {
  const plain = await live({ name: 'plain', collections: { notes: { exclude: ['/pin', '/keys/0'] } } });
  const sealed = await live({ name: 'sealed', encryption: createAesGcmCodec(await deviceKey()) });
  return [plain, sealed].map(({ notes }) => notes.get('pending').pin);
};

globalThis.readAll = async () => {
  const sync = createSyncService(createInMemoryApiClient(), { name: 'sealed', encryption: createAesGcmCodec(await deviceKey()) });
  sync.pause();
  await sync.ready;
  return sync.collection('notes').list().map(({ id, pin }) => id + ' ' + pin);
};
`;

let profile: ChromiumProfile;
beforeEach(async () => {
  profile = await createChromiumProfile();
});
afterEach(() => profile.remove());

async function evaluate(script: string, expression: string): Promise<unknown> {
  const context = await profile.open();
  const page = await context.newPage();
  await page.route(`${origin}/**`, (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }));
  await page.goto(`${origin}/`);
  await page.addScriptTag({ content: script });
  return page.evaluate(expression);
}

/** Files of the profile that hold the text, in one byte or in two for each character. */
async function filesWith(text: string): Promise<string[]> {
  const wide = Buffer.from(text, 'utf16le');
  const entries = await readdir(profile.folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const found = await Promise.all(
    paths.map(async (path) => {
      const content = await readFile(path);
      return content.includes(text) || content.includes(wide) ? [path.slice(profile.folder.length)] : [];
    }),
  );
  return found.flat();
}

test('G17 no file of a browser profile holds an excluded value, or anything of what was encrypted', async () => {
  const script = await bundle(program, 'browser');
  expect(await evaluate(script, 'writeAll()')).toEqual(['canary3', 'canary3']);
  await profile.kill();
  const plain = await filesWith('marker');
  expect(plain.length).toBeGreaterThan(0);
  expect(plain.every((path) => path.includes('IndexedDB'))).toBe(true);
  expect((await filesWith('syncline/1/sealed//journal/')).length).toBeGreaterThan(0);
  expect(await filesWith('canary')).toEqual([]);
  expect(await evaluate(script, 'readAll()')).toEqual(['pending canary3', 'synced canary2']);
});
