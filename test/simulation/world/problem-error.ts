import {
  ConflictError,
  NotFoundError,
  RejectedError,
  TooLargeError,
  type SyncError,
} from '../../../src/core/errors.ts';
import type { ServerRecord } from '../../../src/core/record.ts';
import type { Problem } from '../../../src/server/problem.ts';
import type { RecordJson } from '../../../src/server/record-json.ts';

/** What an ApiClient throws for a problem of the reference server. */
export function toSyncError(problem: Problem, outward: (record: RecordJson) => ServerRecord): SyncError {
  const { status, title: message, current } = problem;
  switch (status) {
    case 404:
    case 410:
      return new NotFoundError({ status, message });
    case 412:
      return current
        ? new ConflictError({ status, message, current: outward(current) })
        : new RejectedError({ status, message });
    case 413:
      return new TooLargeError({ status, message });
    default:
      return new RejectedError({ status, message });
  }
}
