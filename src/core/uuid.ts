const maxMs = 2 ** 48 - 1;
const maxCounter = 0xfff;

function write(ms: number, counter: number, random: () => number): string {
  const time = ms.toString(16).padStart(12, '0');
  const high = (0x80000000 + Math.floor(random() * 0x40000000)).toString(16);
  const low = Math.floor(random() * 0x100000000)
    .toString(16)
    .padStart(8, '0');
  const version = (0x7000 + counter).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-${version}-${high.slice(0, 4)}-${high.slice(4)}${low}`;
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
