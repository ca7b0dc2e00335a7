import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { AnyCollections, EncryptionCodec, ISyncService } from '../../src/index.ts';
import { createAesGcmCodec } from '../../src/crypto.ts';
import { createInMemoryApiClient } from '../support/in-memory-api-client.ts';
import { createBlockBench, readBlocks, type BlockBench } from './readme-blocks.ts';

/** What the text around a block takes for granted. */
const givenByBlock: Readonly<Record<string, string>> = {
  'rest-client': 'declare const session: { readonly token: string };',
  encrypt: `import type { ApiClient } from 'syncline';\ndeclare const apiClient: ApiClient;
declare function deviceKey(): Promise<CryptoKey>;`,
  'replace-key': `import { createAesGcmCodec } from 'syncline/crypto';\nimport type { EncryptionCodec } from 'syncline';
declare const newKey: CryptoKey, oldKey: CryptoKey;`,
};

let blocks: Map<string, string>;
let bench: BlockBench;

beforeAll(async () => {
  const documents = await Promise.all(['docs/rest.md', 'docs/data-at-rest.md'].map(readBlocks));
  blocks = new Map(documents.flatMap((document) => [...document]));
  bench = await createBlockBench();
}, 60_000);
afterEach(() => vi.unstubAllGlobals());
afterAll(() => bench.remove());

function run<T>(name: string, given: Record<string, unknown>, exported: string): Promise<T> {
  for (const [global, value] of Object.entries(given)) vi.stubGlobal(global, value);
  return bench.run<T>(name, `${givenByBlock[name]}\n${blocks.get(name)}\nexport { ${exported} };`);
}

const freshKey = () => crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);

test('the blocks of docs/rest.md and docs/data-at-rest.md compile', async () => {
  expect([...blocks.keys()].toSorted()).toEqual(Object.keys(givenByBlock).toSorted());
  const files = [...blocks].map(([name, code]) => [name, `${givenByBlock[name]}\n${code}\nexport {};`] as const);
  expect(await bench.typeCheck(new Map(files))).toBe('');
}, 60_000);

test('the REST client of docs/rest.md asks where its options say', async () => {
  const asked: (string | null)[] = [];
  const fetch = async (input: RequestInfo | URL, init?: RequestInit) => {
    const request = new Request(input, init);
    asked.push(request.url, request.headers.get('authorization'));
    return Response.json({ data: { id: '1', name: 'Ada' } }, { headers: { etag: '"7"' } });
  };
  const { sync } = await run<{ sync: ISyncService<AnyCollections> }>(
    'rest-client',
    { fetch, session: { token: 'secret' } },
    'sync',
  );
  expect(await sync.collection('people').load('1')).toMatchObject({ id: '1', name: 'Ada', version: '"7"' });
  expect(asked.slice(0, 2)).toEqual(['https://api.example.com/v2/users/1', 'Bearer secret']);
  await sync.close();
});

test('the encrypted service of docs/data-at-rest.md writes', async () => {
  const { sync } = await run<{ sync: ISyncService<AnyCollections> }>(
    'encrypt',
    { apiClient: createInMemoryApiClient(), deviceKey: freshKey },
    'sync',
  );
  expect(await sync.syncEntity('users', { id: '1', name: 'Ada' })).toMatchObject({ name: 'Ada', version: 1 });
  await sync.close();
});

test('the codec of docs/data-at-rest.md that replaces a key opens what either sealed', async () => {
  const [oldKey, newKey] = await Promise.all([freshKey(), freshKey()]);
  const { encryption } = await run<{ encryption: EncryptionCodec }>('replace-key', { oldKey, newKey }, 'encryption');
  const bytes = new Uint8Array([1, 2, 3]);
  const former = await createAesGcmCodec(oldKey).encode('place', bytes);
  const next = await encryption.encode('place', bytes);
  expect([await encryption.decode('place', former), await encryption.decode('place', next)]).toEqual([bytes, bytes]);
  expect(await createAesGcmCodec(newKey).decode('place', next)).toEqual(bytes);
});
