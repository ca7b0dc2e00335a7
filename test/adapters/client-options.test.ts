import { expect, test } from 'vitest';
import { createHttpApiClient, createWebSocketTransport } from '../../src/index.ts';

const url = 'https://api.example';

test.each([
  ['createHttpApiClient', createHttpApiClient],
  ['createWebSocketTransport', createWebSocketTransport],
] as const)('%s refuses by its name an option that is none, or cannot work', (caller, create) => {
  const make = (options: unknown) => () => create(options as { url: string });
  for (const [path, options] of [
    ['/tokens', { tokens: () => 'secret' }],
    ['/token', { token: 'secret' }],
    ['/WebSocket', { WebSocket: {} }],
    ['/clock', { clock: Date }],
    ['/url', { url: 5 }],
  ] as const)
    expect(make({ url, ...options })).toThrow(expect.objectContaining({ code: 'invalid-option', path }));
  for (const options of [undefined, null, url])
    expect(make(options)).toThrow(`${caller} takes its options as an object.`);
  expect(make({ url, token: undefined, WebSocket: undefined })).not.toThrow();
});

test('createHttpApiClient refuses what cannot fetch', () => {
  const options = { url, fetch: 'https://api.example' } as never;
  expect(() => createHttpApiClient(options)).toThrow(
    expect.objectContaining({ code: 'invalid-option', path: '/fetch' }),
  );
});
