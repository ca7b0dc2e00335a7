import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { createNetworkSwitch } from '../../visualizations/playground/page/network-switch.ts';

let http: Server;
let sockets: WebSocketServer;
let address: string;

beforeEach(async () => {
  vi.stubGlobal('WebSocket', WebSocket);
  http = createServer((request, response) => {
    if (request.url === '/answered') response.end('here');
  }).listen(0, '127.0.0.1');
  sockets = new WebSocketServer({ server: http });
  await once(http, 'listening');
  address = `127.0.0.1:${(http.address() as AddressInfo).port}`;
});

afterEach(async () => {
  for (const socket of sockets.clients) socket.terminate();
  http.closeAllConnections();
  await new Promise((resolve) => http.close(resolve));
});

/** A socket over the cable, open, with its other end. */
async function openSocket(network: ReturnType<typeof createNetworkSwitch>) {
  const connected = once(sockets, 'connection') as Promise<[WebSocket]>;
  const here = new network.WebSocket(`ws://${address}`) as unknown as WebSocket;
  const [[there]] = await Promise.all([connected, once(here, 'open')]);
  return { here, there };
}

test('pulling the plug ends the open socket at both ends, whatever its owner does', async () => {
  const network = createNetworkSwitch(true);
  const { here, there } = await openSocket(network);
  const ended = Promise.all([once(here, 'close'), once(there, 'close')]);
  network.pull();
  expect(here.readyState).not.toBe(WebSocket.OPEN);
  await ended;
});

test('pulling the plug fails requests that are open; new ones and new sockets fail until it is plugged in', async () => {
  const network = createNetworkSwitch(true);
  const signals: boolean[] = [];
  network.signals.changes$.subscribe((onLine) => signals.push(onLine));
  const open = network.fetch(`http://${address}/held`);
  await once(http, 'request');
  network.pull();
  await expect(open).rejects.toThrow(TypeError);
  await expect(network.fetch(`http://${address}/answered`)).rejects.toThrow(TypeError);
  const refused = new network.WebSocket(`ws://${address}`) as unknown as WebSocket;
  await once(refused, 'error');
  expect([network.plugged, network.signals.onLine, sockets.clients.size]).toEqual([false, false, 0]);

  network.plugIn();
  expect(await (await network.fetch(`http://${address}/answered`)).text()).toBe('here');
  await openSocket(network);
  expect([network.plugged, network.signals.onLine, signals]).toEqual([true, true, [false, true]]);
});
