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

/** The error of a status that means the same whoever says it: a gateway in front of the backend may. Null for any other. */
export function errorOfAnyone(told: Told, retryAfterMs: number | undefined): SyncError | null {
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
      return new MisconfiguredError(told);
    case 408:
    case 421:
    case 425:
      return new UnavailableError({ ...told, retryAfterMs });
    case 413:
      return new TooLargeError(told);
    case 429:
      return new RateLimitedError({ ...told, retryAfterMs });
    default:
      return status >= 500 && status <= 599 ? new UnavailableError({ ...told, retryAfterMs }) : null;
  }
}
