import { inspect } from 'node:util';
import { expect, vi } from 'vitest';
import type { AnyCollections, ApiClient, ISyncService } from '../../src/index.ts';

/** Everything of a world that a token could have got into, kept to be searched when the world is closed (G16). */
export interface TokenSearch {
  /** The client, what it throws being kept. */
  watchClient(client: ApiClient): ApiClient;
  /** Keeps its states and events; its conflicts and operations are read at the end. */
  watchService(sync: ISyncService<AnyCollections>): void;
  /** Fails if one of the canaries is in anything that was kept, in the console, or in `more`. */
  expectNone(more: unknown): void;
}

const canary = /canary-/;
const textOf = (value: unknown) =>
  inspect(value, { depth: Infinity, maxArrayLength: Infinity, maxStringLength: Infinity });

export function createTokenSearch(): TokenSearch {
  const kept: unknown[] = [];
  const services: ISyncService<AnyCollections>[] = [];
  const logs = (['log', 'info', 'warn', 'error', 'debug'] as const).map((name) => vi.spyOn(console, name));

  const keepFailure =
    (call: (...given: never[]) => unknown) =>
    async (...given: never[]): Promise<unknown> => {
      try {
        return await call(...given);
      } catch (error) {
        kept.push(error);
        throw error;
      }
    };

  return {
    watchClient(client) {
      const watched = ['get', 'create', 'update', 'delete', 'batch', 'changes', 'probe'] as const;
      const entries = watched.flatMap((name) => (client[name] ? [[name, keepFailure(client[name] as never)]] : []));
      return { ...client, ...(Object.fromEntries(entries) as Partial<ApiClient>) };
    },
    watchService(sync) {
      services.push(sync);
      sync.events$.subscribe((event) => kept.push(event));
      sync.state$.subscribe((state) => kept.push(state));
    },
    expectNone(more) {
      const written = logs.flatMap(({ mock }) => mock.calls);
      const held = services.map((sync) => [sync.conflicts.list(), sync.queue.list(), sync.getSnapshot()]);
      for (const log of logs) log.mockRestore();
      for (const each of [...kept, ...written, ...held, more]) expect(textOf(each)).not.toMatch(canary);
    },
  };
}
