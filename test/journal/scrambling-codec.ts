import type { EncryptionCodec } from '../../src/ports/encryption.ts';

/** A stand-in for an AEAD without chance in it: another password, key or byte makes `decode` reject. */
export function createScramblingCodec(password: string): EncryptionCodec {
  const maskOf = (key: string, index: number): number =>
    (password + key).charCodeAt(index % (password + key).length) & 255;
  const scramble = (key: string, bytes: Uint8Array): Uint8Array =>
    bytes.map((byte, index) => byte ^ maskOf(key, index));
  const tagOf = (key: string, bytes: Uint8Array): number =>
    bytes.reduce((sum, byte, index) => (sum * 31 + byte + maskOf(key, index)) % 251, 7);
  return {
    encode: async (key, bytes) => Uint8Array.from([tagOf(key, bytes), ...scramble(key, bytes)]),
    async decode(key, bytes) {
      const plain = scramble(key, bytes.subarray(1));
      if (bytes[0] !== tagOf(key, plain)) throw new Error('tampered');
      return plain;
    },
  };
}
