/** Turns stored records into something unreadable and back. `key` is the storage key: authenticated data for an AEAD. */
export interface EncryptionCodec {
  encode(key: string, bytes: Uint8Array): Promise<Uint8Array>;
  decode(key: string, bytes: Uint8Array): Promise<Uint8Array>;
}
