const capMs = 3_600_000;
const httpDate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * The delay that a `Retry-After` header (RFC 9110) asks for, in milliseconds, at most one hour. Undefined when there is none,
 * or none that makes sense. `serverNowMs` is what a date is compared with.
 */
export function parseRetryAfter(header: string | null, serverNowMs: number): number | undefined {
  const value = header?.trim() ?? '';
  if (/^\d+$/.test(value)) return Math.min(Number(value) * 1_000, capMs);
  if (!httpDate.test(value)) return undefined;
  const delayMs = Date.parse(value) - serverNowMs;
  return Number.isNaN(delayMs) ? undefined : Math.min(Math.max(delayMs, 0), capMs);
}
