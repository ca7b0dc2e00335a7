import type { ServerRecord } from '../../core/record.ts';
import { codeOf, expectEqual, expectRefusal, expectThat, showError } from '../conformance/expectations.ts';
import type { ConformanceRule } from '../conformance/rule.ts';
import type { ApiClientBench } from './bench.ts';

const definite = new Set([
  'conflict',
  'rejected',
  'forbidden',
  'not-found',
  'too-large',
  'invalid-entity',
  'invalid-id',
]);

/** Rules about calls themselves: giving up, asking whether anybody is there, surviving. */
export const callRules: readonly ConformanceRule<ApiClientBench>[] = [
  {
    id: 'abort-settles',
    title: 'a call that is aborted settles',
    remedy:
      'Pass `context.signal` on to fetch or whatever makes the request, or let the call end by itself soon after.',
    async check({ call, client, newId, sample }) {
      const id = newId('abort');
      for (const when of ['before', 'during'] as const) {
        const aborting = new AbortController();
        if (when === 'before') aborting.abort();
        const reading = call(
          `get, aborted ${when} the call,`,
          (context) => client.get(sample.collection, id, context).catch(() => null),
          { signal: aborting.signal },
        );
        aborting.abort();
        await reading;
      }
    },
  },
  {
    id: 'abort-is-no-refusal',
    title: 'a write that is aborted is not reported as refused, and can be sent again',
    remedy:
      'Let an aborted call throw anything but a refusal (ConflictError, RejectedError, ForbiddenError, NotFoundError, TooLargeError): the outcome is unknown, and the same request is sent again.',
    async check({ client, create, get, newId, newKey, textOf }) {
      const id = newId('abort');
      const key = newKey();
      const aborting = new AbortController();
      const writing = create(id, 'first', { idempotencyKey: key, signal: aborting.signal });
      aborting.abort();
      const outcome = await writing.catch((error: unknown) => error);
      const isRefused = outcome instanceof Error && definite.has(codeOf(outcome) ?? '');
      expectThat(!isRefused, `A create that was aborted threw ${showError(outcome)}.`);
      const again = await create(id, 'first', { idempotencyKey: key, attempt: 2 }).catch((error: unknown) => error);
      const isSettled = !(again instanceof Error) || (!client.capabilities?.idempotent && codeOf(again) === 'conflict');
      expectThat(isSettled, `The create, sent again after it was aborted, threw ${showError(again)}.`);
      expectEqual(textOf(await get(id)), 'first', 'The stored text after the create was sent again');
    },
  },
  {
    id: 'probe-answers',
    cites: 'S26',
    title: 'the probe resolves while the backend is there',
    remedy:
      'Let `probe` make a request that only the backend can answer, such as one that echoes a random text, and resolve with nothing.',
    skips: ({ client }) =>
      client.probe ? null : 'the client has no `probe`; the next operation that waits is the probe instead.',
    async check({ call, client }) {
      await call('probe', async (context) => client.probe?.(context));
    },
  },
  {
    id: 'unauthorized-is-told',
    cites: 'S26',
    title: 'a token that is not accepted is told as such, by reads and writes',
    remedy:
      'Throw UnauthorizedError (HTTP 401): everything waits and a fresh token is asked for. A redirect to a login page, a 403 or an empty answer parks or loses sight of what the user wrote.',
    skips: ({ unauthorized }) =>
      unauthorized ? null : 'there is no client with a wrong token: give `unauthorized` in what `open` returns.',
    async check({ call, entity, get, newId, newKey, sample, unauthorized }) {
      const id = newId('unauthorized');
      const reading = call('get', async (context) => unauthorized?.get(sample.collection, id, context));
      await expectRefusal(reading, ['unauthorized'], 'get with a wrong token');
      const writing = call(
        'create',
        async (context) => unauthorized?.create(sample.collection, entity(id, 'first'), context),
        { idempotencyKey: newKey() },
      );
      await expectRefusal(writing, ['unauthorized'], 'create with a wrong token');
      expectEqual(await get(id), null, 'What get gives after a create with a wrong token');
    },
  },
  {
    id: 'durable-acknowledgement',
    cites: 'G1',
    title: 'what was acknowledged outlives the death of the backend',
    remedy: 'Answer only when the transaction is on the disk (fsync, synchronous=FULL, synchronous_commit=on).',
    skips: ({ restart }) =>
      restart
        ? null
        : 'it cannot be seen without killing the backend: give `restart` in what `open` returns, or make sure yourself that the backend answers only when the write is on the disk.',
    async check({ client, create, newId, newKey, restart, entity, sample, textOf }) {
      const id = newId('durable');
      const key = newKey();
      const created = await create(id, 'first', { idempotencyKey: key });
      const next = (await restart?.()) as typeof client;
      const context = { clientId: 'conformance', attempt: 2, signal: new AbortController().signal };
      const read: ServerRecord | null = await next.get(sample.collection, id, context);
      expectEqual(textOf(read), 'first', 'The text that get gives after the backend was killed and started again');
      if (client.capabilities?.idempotent !== true) return;
      const repeated = await next
        .create(sample.collection, entity(id, 'first'), { ...context, idempotencyKey: key })
        .catch((error: unknown) => error);
      expectEqual(repeated, created, 'The answer to a create that was sent again after the restart');
    },
  },
];
