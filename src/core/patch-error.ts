import { SyncError } from './errors.ts';

/**
 * Why a patch was not applied: it is no RFC 6902 patch (`malformed`), it asks for too much (`too-large`), or it does not
 * fit this document (`not-found`, `test-failed`).
 */
export type PatchFailure = 'malformed' | 'too-large' | 'not-found' | 'test-failed';

/** The {@link SyncError} `invalid-patch` of one operation; `detail` is `{ operation, reason }`. */
export function patchError(operation: number, reason: PatchFailure, path: string, what: string): SyncError {
  return new SyncError('invalid-patch', `Operation ${operation} of the patch ${what}. Nothing of it was applied.`, {
    path,
    detail: { operation, reason },
  });
}
