import { SyncError } from './errors.ts';

/** What the service, and all that it is made of, throws and rejects with once it is closed. */
export function closedError(): SyncError {
  return new SyncError('closed', 'The service is closed. Create a new one.');
}
