import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json } from '../../src/core/json.ts';
import { checksumText } from '../../src/journal/checksum.ts';
import { decodeRecord, encodeRecord } from '../../src/journal/record.ts';
import type { RecordKind } from '../../src/journal/format.ts';
import { expectBuiltInsUntouched, hostileInputs, hostileValue, textOf } from '../core/hostile.ts';
import { expectSeen, runProperty } from '../core/run-property.ts';

const key = 'syncline/1/test/ann/journal/writer/0000000001';
const kind = fc.constantFrom<RecordKind>('segment', 'page', 'manifest', 'claim');

test('G20 what is encoded is decoded as it was, and as no other kind', () => {
  const property = fc.property(kind, kind, fc.json(), (written, read, json) => {
    const content = JSON.parse(json) as Json;
    const decoded = decodeRecord(read, key, encodeRecord(written, key, JSON.stringify(content)));
    if (written === read) expect(decoded).toEqual({ type: 'intact', content });
    else expect(decoded.type).toBe('damaged');
  });
  runProperty(property, hostileInputs);
});

test('G20 G22 no record does harm, whatever is in it: one with a checksum that fits is its JSON, any other is damaged', () => {
  const text = fc.oneof(
    fc.tuple(kind, hostileValue).map(([written, value]) => encodeRecord(written, key, textOf(value))),
    fc.tuple(kind, fc.string()).map(([written, json]) => encodeRecord(written, key, json)),
    fc.tuple(kind, fc.string()).map(([written, json]) => `${written[0]}1 00000000 ${json}`),
    fc.string(),
  );
  const seen = { intact: 0, damaged: 0 };
  const property = fc.property(kind, text, (read, stored) => {
    const { type } = decodeRecord(read, key, stored);
    expect(['intact', 'damaged']).toContain(type);
    seen[type as 'intact' | 'damaged'] += 1;
    expectBuiltInsUntouched();
  });
  runProperty(property, hostileInputs);
  expectSeen(Math.min(seen.intact, seen.damaged), 100);
});

test('G20 every single changed character is noticed, also in the head', () => {
  const text = encodeRecord('segment', key, '[{"a":1}]');
  for (let index = 0; index < text.length; index += 1) {
    for (let by = 1; by < 128; by += 1) {
      const flipped = text.slice(0, index) + String.fromCharCode(text.charCodeAt(index) ^ by) + text.slice(index + 1);
      expect(decodeRecord('segment', key, flipped).type).toBe('damaged');
    }
  }
});

test('G20 a record is damaged under any other key', () => {
  const text = encodeRecord('segment', key, '[]');
  const property = fc.property(
    fc.oneof(fc.string(), fc.constantFrom(`${key} `, key.slice(1), key.replace('1', '2'))),
    (other) => {
      expect(decodeRecord('segment', other, text).type).toBe(other === key ? 'intact' : 'damaged');
    },
  );
  runProperty(property);
});

test('G20 every cut is noticed', () => {
  const text = encodeRecord('page', key, JSON.stringify({ content: 'x'.repeat(300) }));
  for (let length = 0; length < text.length; length += 1) {
    expect(decodeRecord('page', key, text.slice(0, length)).type).toBe('damaged');
  }
});

test('G21 a record of a newer format is told from a damaged one by its checksum', () => {
  const json = '{"unheard":"of"}';
  const checksum = checksumText(json, checksumText(`s7 ${key} ${json.length} `))
    .toString(16)
    .padStart(8, '0');
  expect(decodeRecord('segment', key, `s7 ${checksum} ${json}`)).toEqual({ type: 'newer', version: 7 });
  expect(decodeRecord('segment', key, `s8 ${checksum} ${json}`).type).toBe('damaged');
});
