import { NEVER } from 'rxjs';
import { expect, test } from 'vitest';
import { platformWebSocket } from '../../src/adapters/web-socket/platform-web-socket.ts';
import { createWebSocketTransport } from '../../src/adapters/web-socket/web-socket-transport.ts';

test('in a browser the socket is the browser’s own', () => {
  expect(platformWebSocket()).toBe(globalThis.WebSocket);
});

test('a browser that reaches nobody says so', async () => {
  const realTime = createWebSocketTransport({ url: 'http://127.0.0.1:9' });
  const failed = new Promise((resolve) => {
    realTime.connect({ clientId: 'me', channels$: NEVER }).subscribe({ error: resolve });
  });
  expect(await failed).toMatchObject({ code: 'unavailable' });
});
