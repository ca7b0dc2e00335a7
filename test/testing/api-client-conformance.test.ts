import { describe, expect, test } from 'vitest';
import { createApiClientBench, type ApiClientBench } from '../../src/testing/api-client/bench.ts';
import { apiClientRules } from '../../src/testing/api-client/conformance.ts';
import { ForbiddenError, UnauthorizedError } from '../../src/core/errors.ts';
import type { ApiClientUnderTest } from '../../src/testing/api-client/options.ts';
import { createMemoryBackend } from '../../src/testing/backend/memory-backend.ts';
import type { Opened } from '../../src/testing/conformance/run-rules.ts';
import { judge } from './broken-rules.ts';
import { createGoodBackend, plantedFaults } from './faulty-api-clients.ts';

const onBench =
  (opened: ApiClientUnderTest, timeoutMs = 10_000) =>
  async (): Promise<Opened<ApiClientBench>> => ({
    bench: createApiClientBench(opened, { timeoutMs }),
    close: async () => undefined,
  });
const open =
  (plant: (typeof plantedFaults)[number]['plant'], timeoutMs?: number) => async (): Promise<Opened<ApiClientBench>> => {
    const backend = createGoodBackend();
    const { apiClient } = backend;
    return onBench({ client: { ...apiClient, ...plant(apiClient, backend) } }, timeoutMs)();
  };

describe('rules for an ApiClient', () => {
  test('G24 a good backend breaks none', async () => {
    const { broken, skipped } = await judge(
      apiClientRules,
      open(() => ({})),
    );
    expect({ broken, skipped }).toEqual({ broken: [], skipped: ['durable-acknowledgement', 'unauthorized-is-told'] });
  });

  test.each(plantedFaults)('G24 are broken where $fault', async ({ rules, plant }) => {
    const { broken } = await judge(apiClientRules, open(plant, 1_000));
    expect(broken).toEqual(expect.arrayContaining([...rules]));
  });

  test('G24 each is broken by a planted fault', () => {
    const caught = new Set([
      ...plantedFaults.flatMap(({ rules }) => rules),
      'durable-acknowledgement',
      'unauthorized-is-told',
    ]);
    expect([...caught].toSorted()).toEqual(apiClientRules.map(({ id }) => id).toSorted());
  });

  test('G1 a backend that forgets what it acknowledged is found where it can be killed', async () => {
    const { apiClient } = createMemoryBackend();
    const forgetful = onBench({ client: apiClient, restart: async () => createMemoryBackend().apiClient });
    const durable = onBench({ client: apiClient, restart: async () => apiClient });
    expect((await judge(apiClientRules, forgetful)).broken).toEqual(['durable-acknowledgement']);
    expect((await judge(apiClientRules, durable)).broken).toEqual([]);
  });

  test('S26 a backend that lets in whoever asks, or answers with its login page, is found', async () => {
    const refuse = () => Promise.reject(new UnauthorizedError());
    const page = () => Promise.reject(new ForbiddenError());
    const judged = await Promise.all(
      [{ get: refuse, create: refuse }, {}, { get: refuse, create: page }].map((answers) => {
        const { apiClient } = createMemoryBackend();
        return judge(apiClientRules, onBench({ client: apiClient, unauthorized: { ...apiClient, ...answers } }));
      }),
    );
    expect(judged.map(({ broken }) => broken)).toEqual([[], ['unauthorized-is-told'], ['unauthorized-is-told']]);
  });

  test('say in plain words what was seen and what to do', async () => {
    const fault = plantedFaults.find(({ rules }) => rules.includes('feed-cursor-expired'))!;
    const { messages } = await judge(apiClientRules, open(fault.plant));
    expect(messages.get('feed-cursor-expired')).toBe(
      `Broken rule "feed-cursor-expired": a cursor that is not known is expired.
  Seen: Reading from a cursor that was never given out resolved with {"changes":[],"cursor":"no-such-cursor","hasMore":false}; it should throw CursorExpiredError (code cursor-expired).
  To do: Throw CursorExpiredError (HTTP 410) for a cursor that is too old or was never given out: the client takes a snapshot. An empty page would leave it behind for ever.`,
    );
  });
});
