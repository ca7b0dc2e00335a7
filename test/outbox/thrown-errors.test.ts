import { expect, test } from 'vitest';
import { toSyncError } from '../../src/outbox/thrown-errors.ts';

test('an error of another copy of the library keeps what it says of the answer, and nothing that its code decides', () => {
  const current = { entity: null, version: 3, deleted: true };
  const thrown = {
    name: 'Foreign',
    code: 'not-found',
    message: 'gone',
    status: 404,
    retryable: true,
    current,
    more: 1,
  };
  const error = toSyncError(thrown);
  const { message, cause } = error;
  expect({ ...Object.fromEntries(Object.entries(error)), message, cause }).toEqual({
    name: 'SyncError',
    code: 'not-found',
    message: 'gone',
    status: 404,
    retryable: false,
    current,
    cause: thrown,
  });
});
