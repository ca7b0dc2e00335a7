import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAesGcmCodec } from '../../src/crypto.ts';
import { createSyncService, type EncryptionCodec } from '../../src/index.ts';
import { createFileStorage } from '../../src/node/index.ts';
import { createInMemoryApiClient } from '../support/in-memory-api-client.ts';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'syncline-crypto-'));
});
afterEach(() => rm(directory, { recursive: true }));

const newCodec = async () =>
  createAesGcmCodec(await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']));
const open = (encryption?: EncryptionCodec) =>
  createSyncService(createInMemoryApiClient(), {
    storage: createFileStorage(directory),
    ...(encryption ? { encryption } : {}),
  });

async function filesOf(): Promise<Map<string, string>> {
  const names = (await readdir(directory)).toSorted();
  return new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(join(directory, name), 'latin1')] as const)),
  );
}

/** Whether a text stands in any file, as structured clones store it: in one or in two bytes for each character. */
function isReadable(files: ReadonlyMap<string, string>, text: string): boolean {
  const wide = Buffer.from(text, 'utf16le').toString('latin1');
  return [...files.values()].some((content) => content.includes(text) || content.includes(wide));
}

async function writeOffline(encryption?: EncryptionCodec): Promise<void> {
  const sync = open(encryption);
  sync.pause();
  await sync.collection('notes').put({ id: 'canary-id', text: 'canary text' }).durable;
  await sync.close();
}

describe('a service with an AES-GCM codec', () => {
  test('leaves nothing readable on the disk and finds it again', async () => {
    await writeOffline();
    expect(isReadable(await filesOf(), 'canary')).toBe(true);
    await rm(directory, { recursive: true });

    const codec = await newCodec();
    await writeOffline(codec);
    const files = await filesOf();
    expect(files.size).toBeGreaterThan(0);
    expect(isReadable(files, 'canary')).toBe(false);
    const again = open(codec);
    await again.ready;
    expect(again.collection('notes').get('canary-id')).toMatchObject({ text: 'canary text' });
    await again.close();
  });

  test.each([
    ['another key', newCodec],
    ['no key', async () => undefined],
  ])('refuses everything with %s, says so, and touches nothing', async (_name, other) => {
    const codec = await newCodec();
    await writeOffline(codec);
    const before = await filesOf();
    const sync = open(await other());
    await expect(sync.ready).rejects.toMatchObject({ code: 'storage-locked', retryable: false });
    expect(() => sync.collection('notes').put({ id: '2' })).toThrow(
      expect.objectContaining({ code: 'storage-locked' }),
    );
    expect(sync.getSnapshot()).toMatchObject({ error: { code: 'storage-locked' } });
    await sync.close();
    expect(await filesOf()).toEqual(before);
    const right = open(codec);
    await right.ready;
    expect(right.queue.size).toBe(1);
    await right.close();
  });
});
