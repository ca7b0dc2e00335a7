import { expect, test } from 'vitest';
import { createSyncService } from '../../src/index.ts';
import { createInMemoryApiClient } from '../support/in-memory-api-client.ts';

test.each([
  [{ nope: 1 }, '/nope'],
  [{ collections: { tasks: { exlude: ['/secret'] } } }, '/collections/tasks/exlude'],
])('an option that is none is refused by its name: %j', (options, path) => {
  expect(() => createSyncService(createInMemoryApiClient(), options as never)).toThrow(
    expect.objectContaining({ code: 'invalid-option', path }),
  );
});
