import { expect } from 'vitest';
import { SyncError } from '../../src/core/errors.ts';

/** The error of the library that the call throws. */
export function errorOf(call: () => unknown): SyncError {
  try {
    call();
  } catch (error) {
    if (error instanceof SyncError) return error;
    throw error;
  }
  return expect.unreachable('nothing was thrown');
}
