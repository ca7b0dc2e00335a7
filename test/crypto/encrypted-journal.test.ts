import { expect, test } from 'vitest';
import { createSystemClock } from '../../src/adapters/browser/clock.ts';
import { createAesGcmCodec } from '../../src/crypto.ts';
import { checksumBytes } from '../../src/journal/checksum.ts';
import { fold } from '../journal/counter-store.ts';
import { createLife, openLife, write } from '../journal/journal-life.ts';

const newCodec = async () =>
  createAesGcmCodec(await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']));
const codec = await newCodec();
/** Encryption takes real time. */
const clock = createSystemClock();

/** Two pages and a segment. */
async function stored(): Promise<Map<string, unknown>> {
  const life = await openLife(new Map(), { codec, clock, checkpointBytes: Infinity });
  life.append(write(0), write(3));
  await life.journal.flush();
  await life.journal.checkpoint();
  life.append(write(6));
  await life.journal.flush();
  await life.journal.close();
  return life.storage.items;
}

const keysWith = (items: Map<string, unknown>, part: string) => [...items.keys()].filter((key) => key.includes(part));

/** The record with one byte of its ciphertext changed by somebody who knows how the checksum in front is made. */
function tampered(record: Uint8Array): Uint8Array {
  const bytes = Uint8Array.from(record);
  bytes[40] = (bytes[40] as number) ^ 1;
  new DataView(bytes.buffer).setUint32(0, checksumBytes(bytes.subarray(4)));
  return bytes;
}

const at = (items: Map<string, unknown>, part: string, index: number) => {
  const key = keysWith(items, part)[index] as string;
  return { key, record: items.get(key) as Uint8Array };
};

test.each(['/page/', '/manifest/', '/journal/'])(
  'a record of %s that was changed on purpose opens nothing, and everything is left untouched',
  async (part) => {
    const items = await stored();
    const { key, record } = at(items, part, 0);
    items.set(key, tampered(record));
    const before = structuredClone(items);
    const life = createLife(items, { codec, clock });
    await expect(life.journal.recover(() => life.store.sink)).rejects.toMatchObject({ code: 'storage-locked' });
    await life.journal.close();
    expect(items).toEqual(before);
    expect(life.reports).toEqual([]);
  },
);

test('a record that was moved to the place of another opens nothing, and everything is left untouched', async () => {
  const items = await stored();
  const [first, second] = [at(items, '/page/', 0), at(items, '/page/', 1)];
  items.set(first.key, second.record);
  items.set(second.key, first.record);
  const before = structuredClone(items);
  const life = createLife(items, { codec, clock });
  await expect(life.journal.recover(() => life.store.sink)).rejects.toMatchObject({ code: 'storage-locked' });
  await life.journal.close();
  expect(items).toEqual(before);
});

test('G20 a damaged encrypted record is set aside, and the rest loads', async () => {
  const items = await stored();
  const { key, record } = at(items, '/page/', 1);
  items.set(key, record.with(40, (record[40] as number) ^ 1));
  const life = await openLife(items, { codec, clock });
  expect(life.reports).toEqual([`quarantined ${key.replace('/ann/', '/ann/quarantine/')}: record-damaged`]);
  expect(life.store.durable()).toEqual({ ...fold([write(0), write(6)]), sequences: [0, 3, 6] });
  await life.journal.close();
});

test('a key is replaced by a codec that opens with both and seals with the new one', async () => {
  const items = await stored();
  const fresh = await newCodec();
  const both = {
    encode: fresh.encode,
    decode: (key: string, bytes: Uint8Array) => fresh.decode(key, bytes).catch(() => codec.decode(key, bytes)),
  };
  const life = await openLife(items, { codec: both, clock });
  expect(life.store.durable()).toEqual(fold([write(0), write(3), write(6)]));
  life.append(write(7));
  await life.journal.close();
  await expect(openLife(structuredClone(items), { codec: fresh, clock })).rejects.toMatchObject({
    code: 'storage-locked',
  });
  expect((await openLife(items, { codec: both, clock })).store.durable()).toEqual(
    fold([write(0), write(3), write(6), write(7)]),
  );
});
