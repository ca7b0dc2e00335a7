/**
 * Turns stored records into something unreadable and back. `key` is the storage key: authenticated data for an AEAD.
 *
 * - `decode` gives the bytes that `encode` got under the same key, and rejects on any others: then everything stored is
 *   refused, untouched (`storage-locked`).
 * - When `encode` rejects, or gives anything but a `Uint8Array` (WebCrypto gives an `ArrayBuffer`), what was to be stored is not
 *   (`storage-failed`).
 *
 * `createAesGcmCodec` of `syncline/crypto` makes one.
 */
export interface EncryptionCodec {
  encode(key: string, bytes: Uint8Array): Promise<Uint8Array>;
  decode(key: string, bytes: Uint8Array): Promise<Uint8Array>;
}
