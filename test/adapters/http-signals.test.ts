import { expect, test } from 'vitest';
import { createHttpApiClient } from '../../src/adapters/http/http-api-client.ts';
import type { FetchFunction } from '../../src/adapters/http/call.ts';
import { SyncError } from '../../src/core/errors.ts';
import { createRequestContext } from '../support/request-context.ts';

const never = new Promise<never>(() => undefined);
const url = 'https://api.example';
const ours = { 'Sync-Protocol': '1', 'Content-Type': 'application/json' };

function reading(fetch: FetchFunction) {
  const controller = new AbortController();
  const client = createHttpApiClient({ url, fetch });
  return { controller, call: client.get('notes', '1', createRequestContext({ signal: controller.signal })) };
}

test('a call ends when it is aborted, though fetch never settles', async () => {
  const { controller, call } = reading(() => never);
  controller.abort();
  await expect(call).rejects.toMatchObject({ code: 'aborted', retryable: false });
});

test('a call ends when it is aborted in the middle of a body', async () => {
  const body = new ReadableStream({ pull: () => never });
  const { controller, call } = reading(async () => new Response(body, { headers: ours }));
  await new Promise(setImmediate);
  controller.abort();
  await expect(call).rejects.toMatchObject({ code: 'aborted' });
});

test('a call ends when it is aborted in the middle of a refusal', async () => {
  const body = new ReadableStream({ pull: () => never });
  const { controller, call } = reading(async () => new Response(body, { status: 422, headers: ours }));
  await new Promise(setImmediate);
  controller.abort();
  await expect(call).rejects.toMatchObject({ code: 'aborted' });
});

test('a timeout says so', async () => {
  const { controller, call } = reading(() => never);
  controller.abort(new DOMException('Too late', 'TimeoutError'));
  await expect(call).rejects.toMatchObject({ code: 'timeout', retryable: true });
});

test('the reason of a signal that is a SyncError is passed on', async () => {
  const { controller, call } = reading(() => never);
  const reason = new SyncError('closed', 'The service is closed.');
  controller.abort(reason);
  await expect(call).rejects.toBe(reason);
});

test('nothing is sent, nor asked for, when the signal was aborted before', async () => {
  const client = createHttpApiClient({
    url,
    token: () => expect.unreachable(),
    fetch: () => expect.unreachable(),
  });
  const call = client.get('notes', '1', createRequestContext({ signal: AbortSignal.abort() }));
  await expect(call).rejects.toMatchObject({ code: 'aborted' });
});

test('a fetch that throws at once or gives nothing is unavailable', async () => {
  const thrown = reading(() => {
    throw new TypeError('no');
  });
  await expect(thrown.call).rejects.toMatchObject({ code: 'unavailable', detail: { reason: 'TypeError: no' } });
  const text = reading(() => {
    throw 'text'; // oxlint-disable-line typescript/only-throw-error
  });
  await expect(text.call).rejects.toMatchObject({ code: 'unavailable' });
});

test('a body that breaks off is unavailable: the outcome is unknown', async () => {
  const body = new ReadableStream({
    pull(controller) {
      controller.error(new Error('connection reset'));
    },
  });
  const { call } = reading(async () => new Response(body, { headers: ours }));
  await expect(call).rejects.toMatchObject({ code: 'unavailable' });
});

test('an opaque redirect, as browsers show one, is unauthorized', async () => {
  const opaque = Object.defineProperties(new Response(null), {
    type: { value: 'opaqueredirect' },
    status: { value: 0 },
    ok: { value: false },
  });
  const { call } = reading(async () => opaque);
  await expect(call).rejects.toMatchObject({ code: 'unauthorized', status: 401 });
});

test('G15 a body that says that it is longer than a client takes is not read at all', async () => {
  const headers = { ...ours, 'Content-Length': '1000000000' };
  for (const [status, code] of [
    [200, 'bad-response'],
    [422, 'rejected'],
  ] as const) {
    const body = new ReadableStream({ pull: () => expect.unreachable() }, { highWaterMark: 0 });
    const { call } = reading(async () => new Response(body, { status, headers }));
    await expect(call).rejects.toMatchObject({ code, status });
  }
});
