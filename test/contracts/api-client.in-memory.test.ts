import { describe, it } from 'vitest';
import { createMemoryBackend, runApiClientConformance } from '../../src/testing.ts';
import { createInMemoryApiClient } from '../support/in-memory-api-client.ts';

const runner = { describe, it };

runApiClientConformance(() => ({ client: createInMemoryApiClient() }), {
  name: 'four functions in memory',
  runner,
});

const memory = createMemoryBackend();
memory.epoch = 'epoch-1';
runApiClientConformance(() => ({ client: memory.apiClient, restart: async () => memory.apiClient }), {
  name: 'a backend in memory, never emptied',
  runner,
});
