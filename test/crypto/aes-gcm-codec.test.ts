import { createCipheriv, createDecipheriv } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createAesGcmCodec } from '../../src/crypto.ts';
import { runAsyncProperty } from '../core/run-property.ts';

const secret = Uint8Array.from({ length: 32 }, (_, index) => index);
const importKey = (bytes: Uint8Array, usages: readonly KeyUsage[] = ['encrypt', 'decrypt']) =>
  crypto.subtle.importKey('raw', Uint8Array.from(bytes), 'AES-GCM', false, [...usages]);
const codec = createAesGcmCodec(await importKey(secret));
const text = (value: string) => new TextEncoder().encode(value);
const locked = { name: 'SyncError', code: 'storage-locked', retryable: false };

/** Made once with the codec's layout 1 and the key 00 01 02 … 1f: kept for ever. */
const kept = 'AYHiPLPlQDzJjtK58q4pxZPU7QJrRi0GX5SJWSoe5hmmYarFA7/lrZWNACSkR5Lt';

describe('the AES-GCM codec', () => {
  test('opens what it sealed, under the same storage key', async () => {
    const property = fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), fc.string(), async (bytes, storageKey) => {
      const record = await codec.encode(storageKey, bytes);
      expect(record.length).toBe(bytes.length + 29);
      expect(record.byteLength).toBe(record.buffer.byteLength);
      expect(await codec.decode(storageKey, record)).toEqual(Uint8Array.from(bytes));
    });
    await runAsyncProperty(property, 200);
  });

  test('stores 1, the IV, the ciphertext and the tag: another implementation opens it', async () => {
    const record = await codec.encode('place', text('a secret'));
    const decipher = createDecipheriv('aes-256-gcm', secret, record.subarray(1, 13));
    decipher.setAAD(text('place')).setAuthTag(record.subarray(-16));
    const plain = Buffer.concat([decipher.update(record.subarray(13, -16)), decipher.final()]);
    expect([record[0], plain.toString()]).toEqual([1, 'a secret']);
  });

  test('opens what another implementation sealed', async () => {
    const iv = Uint8Array.from({ length: 12 }, (_, index) => 200 + index);
    const cipher = createCipheriv('aes-256-gcm', secret, iv).setAAD(text('place'));
    const sealed = Buffer.concat([cipher.update('theirs'), cipher.final()]);
    const record = Uint8Array.from([1, ...iv, ...sealed, ...cipher.getAuthTag()]);
    expect(await codec.decode('place', record)).toEqual(text('theirs'));
  });

  test('G21 opens a record of its first layout', async () => {
    const record = Uint8Array.from(Buffer.from(kept, 'base64'));
    expect(await codec.decode('syncline/1/test/ann/page/1-1-w', record)).toEqual(text('kept since layout 1'));
  });

  test('takes a fresh IV for each record, also of the same bytes in the same place', async () => {
    const records = await Promise.all(Array.from({ length: 2_000 }, () => codec.encode('place', text('same'))));
    const ivs = new Set(records.map((record) => Buffer.from(record.subarray(1, 13)).toString('hex')));
    expect(ivs.size).toBe(2_000);
  });

  test('refuses every record with one bit changed, and every one cut short', async () => {
    const record = await codec.encode('place', text('whole'));
    const changed = Array.from(record, (byte, index) => record.with(index, byte ^ (1 << (index % 8))));
    const cut = Array.from(record, (_, length) => record.slice(0, length));
    for (const other of [...changed, ...cut, Uint8Array.from([...record, 0])])
      await expect(codec.decode('place', other)).rejects.toMatchObject(locked);
  });

  test('refuses a record that was moved to another place, and one of another key', async () => {
    const record = await codec.encode('place', text('whole'));
    await expect(codec.decode('other place', record)).rejects.toMatchObject(locked);
    const other = createAesGcmCodec(await importKey(secret.with(0, 1)));
    await expect(other.decode('place', record)).rejects.toMatchObject(locked);
  });

  test('takes bytes in shared memory and in the middle of others', async () => {
    const shared = new Uint8Array(new SharedArrayBuffer(6)).fill(7);
    const middle = Uint8Array.from([1, 2, 3, 4, 5]).subarray(1, 4);
    const records = [await codec.encode('a', shared), await codec.encode('a', middle)] as const;
    const wide = new Uint8Array(new SharedArrayBuffer(100));
    wide.set(records[0], 10);
    expect(await codec.decode('a', wide.subarray(10, 10 + records[0].length))).toEqual(new Uint8Array(6).fill(7));
    expect(await codec.decode('a', records[1])).toEqual(Uint8Array.from([2, 3, 4]));
  });

  test('needs a key for AES-GCM that both encrypts and decrypts', async () => {
    const cbc = await crypto.subtle.importKey('raw', secret, 'AES-CBC', false, ['encrypt', 'decrypt']);
    const unfit = [await importKey(secret, ['encrypt']), await importKey(secret, ['decrypt']), cbc, undefined, secret];
    for (const key of unfit)
      expect(() => createAesGcmCodec(key as CryptoKey)).toThrow(
        expect.objectContaining({ code: 'invalid-option', path: '/encryption' }),
      );
  });
});
