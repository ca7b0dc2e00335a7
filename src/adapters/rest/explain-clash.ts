import type { Version } from '../../core/entity.ts';
import { ConflictError, NotFoundError, RejectedError, type SyncError } from '../../core/errors.ts';
import type { ServerRecord } from '../../core/record.ts';

/** Whether a refusal may be about the state that the backend holds: 409 or 412. */
export function isClash(error: unknown): error is RejectedError {
  return error instanceof RejectedError && (error.status === 409 || error.status === 412);
}

/**
 * What a 409 or 412 means, once it is known what the backend holds: a conflict when that is another state than the one the
 * write was made on (for a create: any), else a refusal for another reason. Without versions only a create can tell.
 */
export function explainClash(
  error: RejectedError,
  current: ServerRecord | null,
  made: { readonly isCreate: boolean; readonly baseVersion: Version | null },
): SyncError {
  const told = {
    ...(error.status === undefined ? {} : { status: error.status }),
    ...(error.detail === undefined ? {} : { detail: error.detail }),
  };
  const { isCreate, baseVersion } = made;
  if (!current?.entity)
    return isCreate ? error : new NotFoundError({ ...told, ...(current === null ? {} : { current }) });
  if (isCreate || (baseVersion !== null && current.version !== baseVersion))
    return new ConflictError({ ...told, current });
  if (error.status !== 412 || baseVersion === null) return error;
  return new RejectedError({
    ...told,
    message:
      'The backend refuses the version that it has just given. If its entity tags are weak ones, it may take none of them: see the option `version`.',
  });
}
