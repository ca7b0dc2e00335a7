import { afterEach, beforeEach, expect, vi } from 'vitest';
import { SyncError } from '../../src/core/errors.ts';
import { beginTokenSearch, endTokenSearch, keepForSearch } from './token-search.ts';

/** Every error of the library, also one that nobody sees, is kept as it is made. */
class KeptError extends Error {
  constructor(...given: ConstructorParameters<typeof Error>) {
    super(...given);
    keepForSearch('error', this);
  }
}
Object.setPrototypeOf(SyncError, KeptError);

const channels = ['debug', 'log', 'info', 'warn', 'error'] as const;

beforeEach(() => {
  beginTokenSearch();
  for (const channel of channels) keepForSearch('console', vi.spyOn(console, channel).mock.calls);
});

afterEach(async () => {
  expect(await endTokenSearch(), 'where a token got out (G16)').toEqual([]);
});
