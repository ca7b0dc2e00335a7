import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { createHttpApiClient } from '../../src/adapters/http/http-api-client.ts';
import { createTokenSource } from '../../src/adapters/protocol/token-source.ts';
import { UnauthorizedError } from '../../src/core/errors.ts';
import type { TokenProvider } from '../../src/ports/token.ts';
import { createRequestContext } from '../support/request-context.ts';
import { canary } from '../support/token-search.ts';

const record = { entity: { id: '1', updatedAt: '2026-01-01T00:00:00.000Z' }, version: 1, deleted: false };
const context = createRequestContext();
const [first, second] = [`${canary}-1`, `${canary}-2`];

/** A backend that accepts only some tokens, and a provider that counts its calls. */
function guardedBackend(
  accepted: (token: string | null) => boolean,
  provide: (call: number) => string | Promise<string>,
) {
  const seen: (string | null)[] = [];
  let calls = 0;
  const client = createHttpApiClient({
    url: 'https://api.example',
    token: () => provide((calls += 1)),
    fetch: async (_url, { headers }) => {
      const token = new Headers(headers).get('authorization')?.slice('Bearer '.length) ?? null;
      seen.push(token);
      const ours = { 'Sync-Protocol': '1', 'Content-Type': 'application/json' };
      return new Response(JSON.stringify(record), { status: accepted(token) ? 200 : 401, headers: ours });
    },
  });
  return { client, seen, calls: () => calls, read: () => client.get('notes', '1', context) };
}

test('G16 the token is asked for with the first request, and kept until a 401', async () => {
  let current = first;
  const backend = guardedBackend(
    (token) => token === current,
    () => current,
  );
  expect(backend.calls()).toBe(0);
  await backend.read();
  await backend.read();
  expect(backend.calls()).toBe(1);
  current = second;
  await expect(backend.read()).rejects.toBeInstanceOf(UnauthorizedError);
  expect(backend.calls()).toBe(1);
  await backend.read();
  expect({ calls: backend.calls(), seen: backend.seen }).toEqual({
    calls: 2,
    seen: [first, first, first, second],
  });
});

test('concurrent requests share one call of the provider, and each other’s failure of it', async () => {
  const settle: ((token: string) => void)[] = [];
  const backend = guardedBackend(
    (token) => token === first,
    () => new Promise((resolve) => settle.push(resolve)),
  );
  const reads = [backend.read(), backend.read(), backend.read()];
  await Promise.resolve();
  expect(settle).toHaveLength(1);
  settle[0]?.(second);
  const failed = await Promise.allSettled(reads);
  expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  const again = [backend.read(), backend.read()];
  await Promise.resolve();
  expect(settle).toHaveLength(2);
  settle[1]?.(first);
  await Promise.all(again);
  expect(backend.seen).toEqual([second, second, second, first, first]);
});

test('a late 401 for an old token does not forget the new one', async () => {
  let calls = 0;
  const tokens = createTokenSource(() => `${canary}-${(calls += 1)}`);
  const { signal } = context;
  expect(await tokens.get('a', signal)).toBe(first);
  tokens.refuse(first);
  expect(await tokens.get('a', signal)).toBe(second);
  tokens.refuse(first);
  expect(await tokens.get('a', signal)).toBe(second);
});

test('G16 another client never gets the token of the one before: it may be another user', async () => {
  let user = first;
  const tokens = createTokenSource(() => user);
  const { signal } = context;
  expect(await tokens.get('client-of-ada', signal)).toBe(first);
  user = second;
  expect(await tokens.get('client-of-bob', signal)).toBe(second);
});

test('a provider that never settles holds up nobody who asks later', async () => {
  const answers: (string | Promise<string>)[] = [new Promise(() => undefined), first];
  const tokens = createTokenSource(() => answers.shift() ?? 'none left');
  const waiting = new AbortController();
  const given = tokens.get('a', waiting.signal);
  waiting.abort();
  await expect(given).rejects.toMatchObject({ code: 'aborted' });
  expect(await tokens.get('a', context.signal)).toBe(first);
});

test('what a provider gives up late is not kept', async () => {
  let settleFirst = (_token: string): void => undefined;
  const answers: (string | Promise<string>)[] = [new Promise((resolve) => (settleFirst = resolve)), first];
  const tokens = createTokenSource(() => answers.shift() ?? 'none left');
  const waiting = new AbortController();
  const given = tokens.get('a', waiting.signal);
  waiting.abort();
  await expect(given).rejects.toMatchObject({ code: 'aborted' });
  expect(await tokens.get('a', context.signal)).toBe(first);
  settleFirst(second);
  await Promise.resolve();
  expect(await tokens.get('a', context.signal)).toBe(first);
});

const failing: readonly { what: string; provider: TokenProvider; code: string }[] = [
  {
    what: 'throws',
    provider: () => {
      throw new Error(canary);
    },
    code: 'unavailable',
  },
  {
    what: 'throws a string',
    provider: () => {
      throw canary;
    },
    code: 'unavailable',
  }, // oxlint-disable-line typescript/only-throw-error
  { what: 'rejects', provider: async () => Promise.reject(new TypeError(canary)), code: 'unavailable' },
  {
    what: 'says that the user must sign in',
    provider: () => {
      throw new UnauthorizedError();
    },
    code: 'unauthorized',
  },
  { what: 'gives a number', provider: () => 42 as unknown as string, code: 'unauthorized' },
  { what: 'gives a line break', provider: () => `${canary}\r\nX-Evil: 1`, code: 'unauthorized' },
  { what: 'gives umlauts', provider: () => `ä-${canary}`, code: 'unauthorized' },
];

test.each(failing)('G16 a provider that $what: $code, without its words', async ({ provider, code }) => {
  const client = createHttpApiClient({
    url: 'https://api.example',
    token: provider,
    fetch: () => expect.unreachable(),
  });
  const error: unknown = await client.get('notes', '1', context).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code });
  expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(canary);
});

test.each(['', null, undefined])('a provider that gives %j sends no token', async (token) => {
  const backend = guardedBackend(
    (seen) => seen === null,
    () => token as string,
  );
  await backend.read();
  expect(backend.seen).toEqual([null]);
});

test('G16 a fetch that quotes the request in what it throws', async () => {
  const client = createHttpApiClient({
    url: 'https://api.example',
    token: () => canary,
    fetch: async (url, init) => {
      throw Object.assign(new Error(`Failed: ${JSON.stringify(init.headers)}`), { config: { url, init } });
    },
  });
  const error: unknown = await client.get('notes', '1', context).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'unavailable' });
  expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(canary);
});

test('G16 the probe sends no token, and asks for none', async () => {
  const backend = guardedBackend(
    () => true,
    () => canary,
  );
  await expect(backend.client.probe(context)).rejects.toMatchObject({ code: 'captive-portal' });
  expect({ calls: backend.calls(), seen: backend.seen }).toEqual({ calls: 0, seen: [null] });
});
