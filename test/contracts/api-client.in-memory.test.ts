import { createInMemoryApiClient } from '../support/in-memory-api-client.ts';
import { describeApiClient } from './api-client.contract.ts';

describeApiClient('four functions in memory', async () => ({ client: createInMemoryApiClient() }));
