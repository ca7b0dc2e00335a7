import { assertCollection, assertEntityId } from '../core/entity-input.ts';
import { SyncError } from '../core/errors.ts';
import { fail } from './problem.ts';

/** The entity that `/v1/{collection}/{id}` names, both percent-decoded. Fails with 400 when one is not allowed. */
export function readPlace(url: string): { readonly collection: string; readonly id: string } {
  const [, , collection = '', id = ''] = new URL(url).pathname.split('/');
  return checkPlace(decode(collection), decode(id));
}

/** Fails with 400 unless collection and id are allowed. */
export function checkPlace(collection: unknown, id: unknown): { readonly collection: string; readonly id: string } {
  try {
    assertCollection(collection);
    assertEntityId(collection, id);
    return { collection, id };
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    return fail(error.code === 'invalid-collection' ? 'invalid-collection' : 'invalid-id', { detail: error.message });
  }
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return fail('malformed-request', { detail: 'The path is not percent-encoded UTF-8.' });
  }
}
