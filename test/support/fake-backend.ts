import { Observable } from 'rxjs';
import type { ApiClient, RealTimeMessage, RealTimeSession } from '../../src/index.ts';
import {
  createMemoryBackend,
  type MemoryBackend,
  type MemoryBackendOptions,
} from '../../src/testing/backend/memory-backend.ts';
import { createPlannedApiClient, type PlannedApiClient } from '../../src/testing/backend/planned-api-client.ts';
import type { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { quoteToken } from './token-search.ts';

/** Batches and sockets only where they are asked for. */
export type FakeBackendOptions = Omit<MemoryBackendOptions, 'now'>;

/** A backend in memory, any call of which can be answered otherwise, and whose sockets say only what the test sends. */
export interface FakeBackend extends Omit<MemoryBackend, 'apiClient' | 'drop'>, PlannedApiClient {
  /** All sockets that are open. */
  readonly sockets: readonly FakeSocket[];
}

export interface FakeSocket {
  readonly session: RealTimeSession;
  send(message: RealTimeMessage): void;
  drop(error?: unknown): void;
}

export function createFakeBackend(clock: VirtualClock, options: FakeBackendOptions = {}): FakeBackend {
  const { realTime = false, ...rest } = options;
  const sockets: FakeSocket[] = [];
  const memory = createMemoryBackend({ batch: false, ...rest, realTime: false, now: clock.now });

  function openSocket(session: RealTimeSession): Observable<RealTimeMessage> {
    return new Observable((subscriber) => {
      const socket: FakeSocket = {
        session,
        send: (message) => subscriber.next(message),
        drop(error = new Error('The connection was lost.')) {
          quoteToken(error);
          subscriber.error(error);
        },
      };
      sockets.push(socket);
      return () => void sockets.splice(sockets.indexOf(socket), 1);
    });
  }
  const client = { ...memory.apiClient, ...(realTime && { realTime: { connect: openSocket } }) };

  const { apiClient, ...plan } = createPlannedApiClient(client, clock.now);
  return Object.assign(memory, plan, { apiClient: quotingTokens(apiClient), sockets });
}

function quotingTokens(client: ApiClient): ApiClient {
  const names = ['get', 'create', 'update', 'delete', 'batch', 'changes', 'probe'] as const;
  const quoting = names.flatMap((name) => {
    const call = client[name] as ((...given: readonly unknown[]) => Promise<unknown>) | undefined;
    if (call === undefined) return [];
    const quoted: typeof call = (...given) => {
      const answer = call(...given);
      answer.catch(quoteToken);
      return answer;
    };
    return [[name, quoted]];
  });
  return { ...client, ...(Object.fromEntries(quoting) as Partial<ApiClient>) };
}
