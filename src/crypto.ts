export { createAesGcmCodec } from './adapters/crypto/aes-gcm-codec.ts';
export type { EncryptionCodec } from './ports/encryption.ts';
