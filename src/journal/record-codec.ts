import { SyncError } from '../core/errors.ts';
import type { EncryptionCodec } from '../ports/encryption.ts';
import { checksumBytes } from './checksum.ts';
import type { RecordKind, StorageFormat } from './format.ts';
import { decodeRecord, encodeRecord } from './record.ts';
import type { DecodedRecord } from './record.ts';

/** What is handed to the storage: text, or bytes when there is encryption. */
export type StoredRecord = string | Uint8Array;

/** Turns JSON text into what is stored and back. */
export interface RecordCodec {
  readonly encrypts: boolean;
  /** Rejects with `storage-failed` when the encryption fails, or gives something that is no `Uint8Array`. */
  encode(kind: RecordKind, key: string, json: string): Promise<StoredRecord>;
  /** Never rejects; older records come back as `format` has them. Text is read also when there is encryption: data from before it was switched on. */
  decode(kind: RecordKind, key: string, value: unknown): Promise<DecodedRecord>;
}

const checksumLength = 4;

/**
 * A codec that encrypts whole records when `encryption` is given. A checksum of the encrypted bytes stands in front of
 * them, so that a damaged record (set aside) and a wrong key (everything stays untouched) are told apart.
 */
export function createRecordCodec(encryption: EncryptionCodec | undefined, format: StorageFormat): RecordCodec {
  return {
    encrypts: encryption !== undefined,
    async encode(kind, key, json) {
      const text = encodeRecord(kind, key, json, format);
      return encryption === undefined ? text : encrypt(encryption, key, text);
    },
    async decode(kind, key, value) {
      if (typeof value === 'string') return decodeRecord(kind, key, value, format);
      if (!(value instanceof Uint8Array)) return { type: 'damaged', reason: 'It is neither text nor bytes.' };
      const sealed = unseal(value);
      if (sealed === null) return { type: 'damaged', reason: 'The checksum of its bytes does not fit.' };
      if (encryption === undefined) return { type: 'locked', reason: 'It is encrypted, and no encryption is given.' };
      const text = await decrypt(encryption, key, sealed);
      return text === null
        ? { type: 'locked', reason: 'The encryption given does not open it.' }
        : decodeRecord(kind, key, text, format);
    },
  };
}

async function encrypt(encryption: EncryptionCodec, key: string, text: string): Promise<Uint8Array> {
  try {
    const bytes: unknown = await encryption.encode(key, new TextEncoder().encode(text));
    if (!(bytes instanceof Uint8Array)) throw new TypeError('The encryption gave something that is no Uint8Array.');
    return seal(bytes);
  } catch (cause) {
    throw new SyncError('storage-failed', 'The encryption failed: nothing was stored.', { cause });
  }
}

async function decrypt(encryption: EncryptionCodec, key: string, bytes: Uint8Array): Promise<string | null> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await encryption.decode(key, bytes));
  } catch {
    return null;
  }
}

function seal(bytes: Uint8Array): Uint8Array {
  const sealed = new Uint8Array(checksumLength + bytes.length);
  new DataView(sealed.buffer).setUint32(0, checksumBytes(bytes));
  sealed.set(bytes, checksumLength);
  return sealed;
}

function unseal(sealed: Uint8Array): Uint8Array | null {
  if (sealed.length < checksumLength) return null;
  const bytes = sealed.subarray(checksumLength);
  const checksum = new DataView(sealed.buffer, sealed.byteOffset).getUint32(0);
  return checksum === checksumBytes(bytes) ? bytes : null;
}
