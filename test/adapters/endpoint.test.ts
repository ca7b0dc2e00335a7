import { afterEach, expect, test, vi } from 'vitest';
import { createEndpoint } from '../../src/adapters/protocol/endpoint.ts';
import { canary } from '../support/token-search.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

test.each([
  ['https://api.example', 'https://api.example/v1/x', 'wss://api.example/v1/socket'],
  ['http://localhost:8080/', 'http://localhost:8080/v1/x', 'ws://localhost:8080/v1/socket'],
  ['https://api.example/sync/', 'https://api.example/sync/v1/x', 'wss://api.example/sync/v1/socket'],
  ['wss://api.example', 'https://api.example/v1/x', 'wss://api.example/v1/socket'],
  ['ws://api.example/wsws', 'http://api.example/wsws/v1/x', 'ws://api.example/wsws/v1/socket'],
  ['wss://api.example/v1/socket', 'https://api.example/v1/socket/v1/x', 'wss://api.example/v1/socket'],
])('the addresses below %s', (url, request, socket) => {
  const endpoint = createEndpoint(url);
  expect({ request: endpoint.request('/v1/x'), socket: endpoint.socket() }).toEqual({ request, socket });
});

test.each([
  '',
  'api.example',
  'ftp://api.example',
  '//api.example',
  'javascript:alert(1)',
  `https://user:${canary}@api.example`,
  `https://api.example?token=${canary}`,
  `https://api.example#${canary}`,
  undefined as unknown as string,
])('G16 the address %j is refused, and not repeated', (url) => {
  expect(() => createEndpoint(url)).toThrow(expect.objectContaining({ code: 'invalid-option', path: '/url' }));
  expect(() => createEndpoint(url)).not.toThrow(canary);
});

test('S44 a relative address is looked up when it is used, so that a client can be made on a server', () => {
  const endpoint = createEndpoint('/sync');
  expect(() => endpoint.request('/v1/x')).toThrow(expect.objectContaining({ code: 'invalid-option' }));
  vi.stubGlobal('location', { href: 'https://app.example/board?x=1#y' });
  expect(endpoint.request('/v1/x')).toBe('https://app.example/sync/v1/x');
  expect(endpoint.socket()).toBe('wss://app.example/sync/v1/socket');
});
