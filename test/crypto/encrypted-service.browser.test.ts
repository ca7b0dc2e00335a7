import { expect, test } from 'vitest';
import { createAesGcmCodec } from '../../src/crypto.ts';
import { createSyncService } from '../../src/index.ts';
import { createInMemoryApiClient } from '../support/in-memory-api-client.ts';
import { deviceKey } from './device-key.ts';

function answerOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('no answer'));
  });
}

/** Everything that every database of this origin holds, keys included, as text. */
async function dump(): Promise<string> {
  const found: string[] = [];
  for (const { name = '' } of await indexedDB.databases()) {
    const database = await answerOf(indexedDB.open(name));
    for (const storeName of database.objectStoreNames) {
      const store = database.transaction(storeName).objectStore(storeName);
      const [keys, values] = await Promise.all([answerOf(store.getAllKeys()), answerOf(store.getAll())]);
      for (const [index, value] of values.entries())
        found.push(`${name} ${JSON.stringify(keys[index])} ${textOf(value)}`);
    }
    database.close();
  }
  return found.toSorted().join('\n');
}

function textOf(value: unknown): string {
  return value instanceof Uint8Array ? new TextDecoder('latin1').decode(value) : JSON.stringify(value);
}

const options = (name: string, key: CryptoKey) => ({ name, encryption: createAesGcmCodec(key) });

async function writeOffline(name: string, key: CryptoKey | null): Promise<void> {
  const sync = createSyncService(createInMemoryApiClient(), key ? options(name, key) : { name });
  sync.pause();
  await sync.collection('notes').put({ id: 'canary-id', text: `canary of ${name}` }).durable;
  await sync.close();
}

test('the key of the device stays the same, and gives its bytes to nobody', async () => {
  const [first, second] = await Promise.all([deviceKey('shared'), deviceKey('shared')]);
  const third = await deviceKey('shared');
  const [a, b, c] = [first, second, third].map((key) => createAesGcmCodec(key));
  const record = (await a?.encode('place', Uint8Array.of(1))) ?? new Uint8Array();
  expect(await Promise.all([b?.decode('place', record), c?.decode('place', record)])).toEqual([
    Uint8Array.of(1),
    Uint8Array.of(1),
  ]);
  expect(third.extractable).toBe(false);
  await expect(crypto.subtle.exportKey('raw', third)).rejects.toMatchObject({ name: 'InvalidAccessError' });
});

test('IndexedDB holds nothing readable, and what it holds opens with the kept key', async () => {
  await writeOffline('plain', null);
  expect(await dump()).toContain('canary of plain');
  await writeOffline('sealed', await deviceKey('sealed-key'));
  expect(await dump()).toContain('syncline/1/sealed//journal/');
  expect(await dump()).not.toContain('canary of sealed');

  const sync = createSyncService(createInMemoryApiClient(), options('sealed', await deviceKey('sealed-key')));
  await sync.ready;
  expect(sync.getSnapshot().durable).toBe(true);
  expect(sync.collection('notes').get('canary-id')).toMatchObject({ text: 'canary of sealed' });
  await sync.flush();
  expect(sync.queue.size).toBe(0);
  await sync.close();
});

test('another key opens nothing and changes nothing', async () => {
  await writeOffline('locked', await deviceKey('right-key'));
  const other = await deviceKey('wrong-key');
  const before = await dump();
  const sync = createSyncService(createInMemoryApiClient(), options('locked', other));
  await expect(sync.ready).rejects.toMatchObject({ code: 'storage-locked' });
  await sync.close();
  expect(await dump()).toBe(before);
});
