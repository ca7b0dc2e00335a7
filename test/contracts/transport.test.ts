import { describe, it } from 'vitest';
import { WebSocket as NodeWebSocket } from 'ws';
import { createHttpApiClient } from '../../src/adapters/http/http-api-client.ts';
import { createWebSocketTransport } from '../../src/adapters/web-socket/web-socket-transport.ts';
import type { WebSocketConstructor } from '../../src/index.ts';
import { createSyncServer } from '../../src/server/index.ts';
import { createMemoryBackend, runTransportConformance } from '../../src/testing.ts';
import { canary } from '../support/token-search.ts';

const runner = { describe, it };

runTransportConformance(
  async () => {
    const authenticate = async (token: string | null) => (token === canary ? { id: 'ada' } : null);
    const server = await createSyncServer({ database: ':memory:', authenticate });
    const { url } = await server.listen(0);
    const sockets = new Set<NodeWebSocket>();
    class CountedSocket extends NodeWebSocket {
      constructor(address: string, protocols?: string | string[]) {
        super(address, protocols);
        sockets.add(this);
        this.on('close', () => sockets.delete(this));
      }
    }
    const WebSocket = CountedSocket as unknown as WebSocketConstructor;
    return {
      transport: createWebSocketTransport({ url, WebSocket, token: () => canary }),
      unauthorized: createWebSocketTransport({ url, token: () => `${canary}-other` }),
      client: createHttpApiClient({ url, token: () => canary }),
      openConnections: () => sockets.size,
      cut() {
        for (const socket of sockets) socket.terminate();
      },
      close: () => server.close(),
    };
  },
  { name: 'WebSocket on the reference server', runner },
);

const backend = createMemoryBackend();
backend.epoch = 'epoch-1';
runTransportConformance(
  () => ({ transport: backend.apiClient.realTime!, client: backend.apiClient, cut: () => backend.drop() }),
  { name: 'a backend in memory, never emptied', runner },
);
