/** A time within milliseconds, and its order among stamps of the same millisecond. */
export interface Stamp {
  readonly ms: number;
  /** 0 to 9,999. */
  readonly counter: number;
}

/** How far beyond the estimated server time a stamp still counts, in milliseconds. */
const maxAheadMs = 5 * 60_000;

const pattern =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(?:[.,](\d{1,20}))?)?(?:(Z)|([+-]\d{2}):?(\d{2})?)?)?$/i;

const firstMs = Date.parse('0000-01-01T00:00:00.000Z');
const lastMs = Date.parse('9999-12-31T23:59:59.999Z');

/**
 * Reads a time of ISO 8601: digits after the milliseconds are the counter of a hybrid clock. Without a zone, UTC is meant.
 * Null when the text is no time of the years 0 to 9999.
 */
export function readStamp(stamp: string): Stamp | null {
  const match = stamp.length <= 64 ? pattern.exec(stamp) : null;
  if (match === null) return null;
  const [, date, minutes = '00:00', seconds = '00', fraction = '', , zoneHours, zoneMinutes = '00'] = match;
  const digits = fraction.padEnd(7, '0');
  const zone = zoneHours === undefined ? 'Z' : `${zoneHours}:${zoneMinutes}`;
  const ms = Date.parse(`${date}T${minutes}:${seconds}.${digits.slice(0, 3)}${zone}`);
  return ms >= firstMs && ms <= lastMs ? { ms, counter: Number(digits.slice(3, 7)) } : null;
}

let lastIso = { ms: Number.NaN, text: '' };

/** `YYYY-MM-DDTHH:mm:ss.sssZ`. Times that come in a row are often the same. */
export function isoOf(ms: number): string {
  if (ms !== lastIso.ms) lastIso = { ms, text: new Date(ms).toISOString() };
  return lastIso.text;
}

/** `YYYY-MM-DDTHH:mm:ss.sssCCCCZ`: of fixed width, so that texts sort as their times do. */
export function writeStamp({ ms, counter }: Stamp): string {
  return [isoOf(ms).slice(0, -1), String(counter).padStart(4, '0'), 'Z'].join('');
}

/** Milliseconds since 1970 of any time of ISO 8601, or null when the text is none. Without a zone, UTC is meant. */
export function parseStamp(stamp: string): number | null {
  return readStamp(stamp)?.ms ?? null;
}

/** A time in milliseconds, brought back to 5 minutes after the estimated server time if it is later. */
export function clampStamp(ms: number, serverNowMs: number): number {
  return Math.min(ms, serverNowMs + maxAheadMs);
}
