import {
  BadResponseError,
  ForbiddenError,
  RateLimitedError,
  RejectedError,
  UnauthorizedError,
  UnavailableError,
  type SyncError,
} from '../../core/errors.ts';
import type { Json } from '../../core/json.ts';

/** Ends a connection whose other side broke the protocol. Browsers allow scripts none of the standard's own codes for it. */
export const malformedCode = 4400;

/** What the end of a connection means, by its close code. `detail` is kept in the error. */
export function errorOfClose(code: number, detail: Json): SyncError {
  const told = { detail };
  switch (code) {
    case 1002:
    case 1003:
    case 1007:
    case 1009:
    case malformedCode:
      return new BadResponseError('The backend could not read what was sent over the real-time connection.', told);
    case 4401:
      return new UnauthorizedError(told);
    case 4403:
      return new ForbiddenError({ ...told, message: 'The user may not follow these channels.' });
    case 4409:
      return new RejectedError({ ...told, message: 'Another real-time connection of this client took over.' });
    case 4429:
      return new RateLimitedError(told);
    default:
      return new UnavailableError({ ...told, message: 'The real-time connection was lost.' });
  }
}
