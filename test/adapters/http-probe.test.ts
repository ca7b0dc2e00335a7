import { expect, test } from 'vitest';
import { createHttpApiClient } from '../../src/adapters/http/http-api-client.ts';
import { createRequestContext } from '../support/request-context.ts';

const ours = { 'Sync-Protocol': '1', 'Content-Type': 'application/json' };

const probe = (answer: (nonce: string) => Response): Promise<void> =>
  createHttpApiClient({
    url: 'https://api.example',
    fetch: async (url) => answer(new URL(url).searchParams.get('nonce') ?? ''),
  }).probe(createRequestContext());

const health = (nonce: unknown, headers: Record<string, string> = ours): Response =>
  new Response(JSON.stringify({ nonce, epoch: 'e1', protocol: 'sync.v1' }), { headers });

test('S26 the probe resolves when its nonce comes back', async () => {
  await expect(probe((nonce) => health(nonce))).resolves.toBeUndefined();
});

test('S26 each probe has a nonce of its own', async () => {
  const nonces = new Set<string>();
  for (let count = 0; count < 20; count += 1) {
    await probe((nonce) => {
      nonces.add(nonce);
      return health(nonce);
    });
  }
  expect(nonces.size).toBe(20);
  for (const nonce of nonces) expect(nonce).toMatch(/^[0-9a-f]{32}$/);
});

const foreign: readonly { what: string; answer: (nonce: string) => Response; code: string }[] = [
  { what: 'an answer of before', answer: () => health('0'.repeat(32)), code: 'captive-portal' },
  {
    what: 'a list',
    answer: (nonce) => new Response(JSON.stringify([nonce]), { headers: ours }),
    code: 'captive-portal',
  },
  {
    what: 'a page that echoes everything',
    answer: (nonce) => health(nonce, { 'Content-Type': 'text/html' }),
    code: 'captive-portal',
  },
  {
    what: 'JSON without the sign',
    answer: (nonce) => health(nonce, { 'Content-Type': 'application/json' }),
    code: 'bad-response',
  },
  {
    what: 'another protocol',
    answer: (nonce) => health(nonce, { ...ours, 'Sync-Protocol': '9' }),
    code: 'misconfigured',
  },
  { what: 'nothing there', answer: () => new Response('', { status: 404 }), code: 'bad-response' },
  { what: 'a gateway without a backend', answer: () => new Response('', { status: 502 }), code: 'unavailable' },
  { what: 'a network that wants a login', answer: () => new Response('', { status: 511 }), code: 'captive-portal' },
];

test.each(foreign)('G12 the probe takes $what for $code', async ({ answer, code }) => {
  await expect(probe(answer)).rejects.toMatchObject({ code });
});
