import { ForbiddenError, RejectedError, TooLargeError, type SyncError } from '../../core/errors.ts';
import { isObject } from '../../core/json.ts';
import { readProblem } from '../protocol/problem.ts';

/** Why the backend does not follow a channel: `forbidden`, `too-large` (it follows no more at once) or `rejected`. Holds no token. */
export function errorOfChannel(problem: unknown, token: string | null): SyncError {
  const status = isObject(problem) ? problem['status'] : undefined;
  const { detail } = readProblem(problem, token);
  switch (status) {
    case 403:
      return new ForbiddenError({ detail, message: 'The user may not follow this channel.' });
    case 413:
      return new TooLargeError({ detail, message: 'The backend follows no more channels over one connection.' });
    default:
      return new RejectedError({ detail, message: 'The backend does not follow this channel.' });
  }
}
