import { SyncError } from '../../core/errors.ts';
import type { EncryptionCodec } from '../../ports/encryption.ts';

const layout = 1;
const ivStart = 1;
const ivLength = 12;
const cipherStart = ivStart + ivLength;
const tagLength = 16;

/**
 * Encrypts records with AES-GCM of the platform's WebCrypto: a fresh random IV of 96 bits for each record, the storage key
 * as additional authenticated data, a tag of 128 bits. What is stored is `1 | IV | ciphertext and tag`: 29 bytes more than the record.
 *
 * - One key for at most 2^32 records: the bound of NIST SP 800-38D, section 8.3, for random IVs. A record is a group of
 *   writes or a page of entities. The key is the app's to keep and to replace.
 * - `decode` rejects with `storage-locked` when the key is another one, or the record was changed or was moved to another
 *   storage key: the three cannot be told apart. An older record put back in its own place is not noticed.
 * - `encode` rejects with what WebCrypto says.
 *
 * Throws `invalid-option` when `key` is not for AES-GCM or may not both encrypt and decrypt.
 *
 * @example
 * const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
 * createSyncService(apiClient, { encryption: createAesGcmCodec(key) });
 */
export function createAesGcmCodec(key: CryptoKey): EncryptionCodec {
  assertUsable(key);
  return {
    async encode(storageKey, bytes) {
      const record = new Uint8Array(cipherStart + bytes.length + tagLength);
      record[0] = layout;
      const iv = crypto.getRandomValues(record.subarray(ivStart, cipherStart));
      const sealed = await crypto.subtle.encrypt(parametersOf(storageKey, iv), key, ownBytes(bytes));
      record.set(new Uint8Array(sealed), cipherStart);
      return record;
    },
    async decode(storageKey, bytes) {
      const record = ownBytes(bytes);
      if (record[0] !== layout || record.length < cipherStart + tagLength) throw locked();
      const parameters = parametersOf(storageKey, record.subarray(ivStart, cipherStart));
      try {
        return new Uint8Array(await crypto.subtle.decrypt(parameters, key, record.subarray(cipherStart)));
      } catch (cause) {
        throw locked(cause);
      }
    },
  };
}

function parametersOf(storageKey: string, iv: Uint8Array<ArrayBuffer>): AesGcmParams {
  return {
    name: 'AES-GCM',
    iv,
    additionalData: new TextEncoder().encode(storageKey),
    tagLength: tagLength * 8,
  };
}

/** WebCrypto takes no bytes in shared memory. */
function ownBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : Uint8Array.from(bytes);
}

function assertUsable(key: CryptoKey): void {
  const usages: readonly string[] = key?.usages ?? [];
  if (key?.algorithm?.name === 'AES-GCM' && ['encrypt', 'decrypt'].every((usage) => usages.includes(usage))) return;
  throw new SyncError(
    'invalid-option',
    "The key does not fit: createAesGcmCodec needs a CryptoKey for AES-GCM with the usages 'encrypt' and 'decrypt'.",
    { path: '/encryption' },
  );
}

function locked(cause?: unknown): SyncError {
  return new SyncError(
    'storage-locked',
    'The key does not open a stored record: it is another key, or the record was changed or moved.',
    cause === undefined ? {} : { cause },
  );
}
