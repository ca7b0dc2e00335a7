import { createHash } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';

const magic = Buffer.from('SLR1');
const newerMagic = /^SLR[2-9]$/;
const digestBytes = 16;
const headerBytes = magic.length + digestBytes + 4;

const digestOf = (body: Uint8Array): Buffer => createHash('sha256').update(body).digest().subarray(0, digestBytes);

/** A file's content: magic, digest of the rest, length of the key in bytes, the key in UTF-16, the value as structured clone. */
export function encodeRecord(key: string, value: unknown): Buffer {
  const keyBytes = Buffer.from(key, 'utf16le');
  const length = Buffer.alloc(4);
  length.writeUInt32LE(keyBytes.length);
  const body = Buffer.concat([length, keyBytes, serialize(value)]);
  return Buffer.concat([magic, digestOf(body), body]);
}

/**
 * The key and value of a file's content. `damaged`: it is not whole; `newer`: it is whole and of a newer format, in all of
 * which magic and digest stay where they are, or its value is of a newer Node.
 */
export function decodeRecord(content: Buffer): { key: string; value: unknown } | 'damaged' | 'newer' {
  if (content.length < headerBytes) return 'damaged';
  const body = content.subarray(magic.length + digestBytes);
  if (!digestOf(body).equals(content.subarray(magic.length, magic.length + digestBytes))) return 'damaged';
  if (newerMagic.test(content.toString('latin1', 0, magic.length))) return 'newer';
  if (!content.subarray(0, magic.length).equals(magic)) return 'damaged';
  const valueStart = 4 + body.readUInt32LE();
  const key = body.toString('utf16le', 4, valueStart);
  try {
    return { key, value: deserialize(body.subarray(valueStart)) };
  } catch {
    return 'newer';
  }
}
