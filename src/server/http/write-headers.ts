import { readStamp, writeStamp } from '../../core/stamp.ts';
import { fail } from '../problem.ts';

const token = /^[\x21\x23-\x5b\x5d-\x7e]{1,255}$/;

/** The key of a request: 1 to 255 visible ASCII characters without `"` and `\`. */
export const isKey = (value: unknown): value is string => typeof value === 'string' && token.test(value);

/** `Idempotency-Key`, as a quoted string (the IETF draft) or bare. Fails with 400 when it is missing or malformed. */
export function readIdempotencyKey(headers: Headers): string {
  const header = headers.get('idempotency-key')?.trim() ?? '';
  const key = /^"(.*)"$/.exec(header)?.[1] ?? header;
  return isKey(key) ? key : fail('missing-key', { detail: 'Idempotency-Key takes 1 to 255 visible ASCII characters.' });
}

/** `Sync-Client`. Fails with 400 when it is missing or malformed. */
export function readClientId(headers: Headers): string {
  const clientId = headers.get('sync-client')?.trim();
  return isKey(clientId)
    ? clientId
    : fail('missing-key', { detail: 'Sync-Client takes 1 to 255 visible ASCII characters.' });
}

/** `Sync-Epoch`: a write for another life of the data is refused (S39) before anything is looked up. */
export function checkEpoch(headers: Headers, epoch: string): void {
  const known = headers.get('sync-epoch');
  if (known !== null && known.trim() !== epoch) fail('epoch-changed', { epoch });
}

/**
 * The claimed time of change as `YYYY-MM-DDTHH:mm:ss.sssCCCCZ`, in whatever form of ISO 8601 it came: readers are told this one
 * form only. Null when none is claimed. Fails with 400 when it is no time.
 */
export function readUpdatedAt(claimed: unknown): string | null {
  if (claimed === null || claimed === undefined) return null;
  const stamp = typeof claimed === 'string' ? readStamp(claimed) : null;
  return stamp === null
    ? fail('malformed-request', { detail: 'The time of change is not ISO 8601.' })
    : writeStamp(stamp);
}
