import {
  CaptivePortalError,
  MisconfiguredError,
  RateLimitedError,
  TooLargeError,
  UnauthorizedError,
  UnavailableError,
  type SyncError,
} from '../../core/errors.ts';
import type { Json } from '../../core/json.ts';

/** What an answer tells beside its status. */
export interface Told {
  status: number;
  detail?: Json;
}

/** What else is known of an answer that is no success. */
export interface Circumstances {
  /** Whether the backend itself gave it, and nothing in between. */
  readonly isFromBackend: boolean;
  /** Milliseconds. */
  readonly retryAfterMs: number | undefined;
}

/**
 * The error of a status that a gateway in front of the backend may give as well. Null for any other, and for those that only the backend's own
 * word makes a mistake of configuration: nothing mends those by itself, and a gateway says them while a backend is being replaced.
 */
export function errorOfAnyone(told: Told, { isFromBackend, retryAfterMs }: Circumstances): SyncError | null {
  const { status } = told;
  switch (status) {
    case 401:
      return new UnauthorizedError(told);
    case 511:
      return new CaptivePortalError(told);
    case 405:
    case 406:
    case 415:
    case 426:
      return isFromBackend ? new MisconfiguredError(told) : null;
    case 408:
    case 421:
    case 425:
      return new UnavailableError({ ...told, retryAfterMs, isFromBackend });
    case 413:
      return new TooLargeError(told);
    case 429:
      return new RateLimitedError({ ...told, retryAfterMs });
    default:
      return status >= 500 && status <= 599 ? new UnavailableError({ ...told, retryAfterMs, isFromBackend }) : null;
  }
}
