const offsetBasis = 0x811c9dc5;
const prime = 0x01000193;

/**
 * FNV-1a with 32 bits over UTF-16 code units (draft-eastlake-fnv). One changed unit always changes it; any other damage
 * escapes once in 2^32. `seed` continues an earlier checksum, `from` leaves out what is before it. No protection against
 * intent: that is the encryption's work.
 */
export function checksumText(text: string, seed: number = offsetBasis, from = 0): number {
  let hash = seed;
  for (let index = from; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), prime);
  return hash >>> 0;
}

/** The same over bytes. */
export function checksumBytes(bytes: Uint8Array, seed: number = offsetBasis): number {
  let hash = seed;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, prime);
  return hash >>> 0;
}
