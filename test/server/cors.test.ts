import { expect, test } from 'vitest';
import { startTestServer } from './support/test-server.ts';

const origin = 'https://app.example';
const preflight = (from: string) => ({
  headers: { origin: from, 'access-control-request-method': 'PUT', 'access-control-request-headers': 'if-match' },
});

test('a preflight of an allowed origin is granted, without a token', async () => {
  const { api } = await startTestServer({ origins: [origin], authenticate: () => null });
  const { status, headers } = await api.send('OPTIONS', '/v1/notes/a', preflight(origin));
  expect(status).toBe(204);
  expect(headers.get('access-control-allow-origin')).toBe(origin);
  expect(headers.get('access-control-allow-methods')).toBe('GET, PUT, PATCH, DELETE, POST');
  expect(headers.get('access-control-allow-headers')?.split(', ')).toEqual(
    expect.arrayContaining([
      'authorization',
      'idempotency-key',
      'if-match',
      'sync-client',
      'sync-epoch',
      'sync-updated-at',
    ]),
  );
  expect(headers.get('vary')).toContain('Origin');
});

test('a preflight of another origin is not', async () => {
  const { api } = await startTestServer({ origins: [origin] });
  const { headers } = await api.send('OPTIONS', '/v1/notes/a', preflight('https://evil.example'));
  expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
});

test('an allowed origin may read every header of the protocol, in refusals, too', async () => {
  const { api } = await startTestServer({ origins: [origin] });
  for (const path of ['/v1/health', '/v1/notes/none', '/v1/changes?since=x']) {
    const { headers } = await api.get(path, { headers: { origin } });
    expect(headers.get('access-control-allow-origin')).toBe(origin);
    expect(headers.get('access-control-expose-headers')?.split(', ')).toEqual(
      expect.arrayContaining(['ETag', 'Retry-After', 'Idempotency-Replayed', 'Sync-Protocol', 'Sync-Epoch', 'Date']),
    );
  }
});

test('another origin may read nothing, and no origin needs nothing', async () => {
  const { api } = await startTestServer({ origins: [origin] });
  const other = await api.get('/v1/health', { headers: { origin: 'https://evil.example' } });
  const none = await api.get('/v1/health');
  expect([other, none].map(({ headers }) => headers.get('access-control-allow-origin'))).toEqual([null, null]);
  expect([other, none].map(({ headers }) => headers.get('vary'))).toEqual(['Origin', null]);
});

test('without a list no other origin is allowed, with * any is', async () => {
  const closed = await startTestServer();
  const open = await startTestServer({ origins: ['*'] });
  const ask = async ({ api }: typeof open) =>
    (await api.get('/v1/health', { headers: { origin } })).headers.get('access-control-allow-origin');
  expect([await ask(closed), await ask(open)]).toEqual([null, origin]);
});
