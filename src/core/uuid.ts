const maxMs = 2 ** 48 - 1;
const maxCounter = 0xfff;

const hyphen = 0x2d;
const codes: number[] = Array.from({ length: 36 }, () => hyphen);

function writeHex(from: number, to: number, value: number): void {
  let rest = value;
  for (let at = to - 1; at >= from; at -= 1) {
    codes[at] = '0123456789abcdef'.charCodeAt(rest & 0xf);
    rest = Math.floor(rest / 16);
  }
}

/** From codes: an id put together from parts would be kept with all of them, and take seven times the memory. */
function write(ms: number, counter: number, random: () => number): string {
  const high = 0x80000000 + Math.floor(random() * 0x40000000);
  writeHex(0, 8, Math.floor(ms / 0x10000));
  writeHex(9, 13, ms % 0x10000);
  writeHex(14, 18, 0x7000 + counter);
  writeHex(19, 23, Math.floor(high / 0x10000));
  writeHex(24, 28, high % 0x10000);
  writeHex(28, 36, Math.floor(random() * 0x100000000));
  return String.fromCharCode(...codes);
}

function wholeMs(nowMs: number): number {
  const ms = Math.floor(nowMs);
  return ms > 0 ? Math.min(ms, maxMs) : 0;
}

/** A UUID of version 7 (RFC 9562) for a time in milliseconds since 1970. `random` gives numbers from 0 to below 1. */
export function uuidv7(nowMs: number, random: () => number): string {
  return write(wholeMs(nowMs), Math.floor(random() * (maxCounter + 1)), random);
}

/**
 * A generator of UUIDs of version 7 (RFC 9562, method 1) whose ids sort as texts in the order of their creation, also
 * within a millisecond and when the clock goes back.
 */
export function createUuidGenerator(now: () => number, random: () => number): () => string {
  let ms = -1;
  let counter = 0;
  return () => {
    const current = wholeMs(now());
    if (current > ms || counter === maxCounter) {
      ms = Math.max(current, ms + 1);
      counter = Math.floor(random() * (maxCounter / 2));
    } else counter += 1;
    return write(ms, counter, random);
  };
}
