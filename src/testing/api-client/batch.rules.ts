import type { SyncRequest } from '../../core/operation.ts';
import type { ServerRecord } from '../../core/record.ts';
import type { RequestOutcome } from '../../ports/api-client.ts';
import { codeOf, expectEqual, expectThat, show, showError } from '../conformance/expectations.ts';
import type { ConformanceRule } from '../conformance/rule.ts';
import type { ApiClientBench } from './bench.ts';

const undeclared = ({ client }: ApiClientBench): string | null =>
  client.batch ? null : 'the client has no `batch`; requests are sent one by one.';

/** Rules about batches. */
export const batchRules: readonly ConformanceRule<ApiClientBench>[] = [
  {
    id: 'batch-answers-each',
    cites: 'S37',
    title: 'a batch answers each of its requests once, under its key',
    remedy:
      'Resolve with one { idempotencyKey, record } or { idempotencyKey, error } for each request, in any order. A request that is left out is sent again.',
    skips: undeclared,
    async check(bench) {
      const { create, get, newId, request, textOf } = bench;
      const [a, b] = [newId('a'), newId('b')];
      const [updated, deleted] = [await create(a, 'first'), await create(b, 'first')];
      const requests = [
        request('create', newId('c'), 'new'),
        request('update', a, 'second', updated),
        request('delete', b, '', deleted),
      ];
      const outcomes = await send(bench, requests);
      const [created, changed, removed] = requests.map((each) => recordOf(outcomes, each));
      expectEqual(textOf(created), 'new', 'The text in the answer to a create in a batch');
      expectEqual(textOf(changed), 'second', 'The text in the answer to an update in a batch');
      expectEqual(removed?.entity ?? null, null, 'The entity in the answer to a delete in a batch');
      expectEqual(textOf(await get(a)), 'second', 'The stored text after an update in a batch');
      expectEqual((await get(b))?.entity ?? null, null, 'The stored entity after a delete in a batch');
    },
  },
  {
    id: 'batch-refusal-alone',
    cites: 'S37',
    title: 'a request of a batch that is refused is refused alone, with the error that it would throw by itself',
    remedy:
      'Answer { idempotencyKey, error } for a request that is refused and apply the others, each in a savepoint of its own. A batch that throws leaves every request unknown.',
    skips: undeclared,
    async check(bench) {
      const { create, get, newId, request, textOf, isVersioned, retitle } = bench;
      const [taken, stale, free] = [newId('taken'), newId('stale'), newId('free')];
      await create(taken, 'theirs');
      const old = await create(stale, 'first');
      await retitle(old, 'theirs');
      const refused = request('create', taken, 'mine');
      const conflicting = isVersioned ? [request('update', stale, 'mine', old)] : [];
      const fine = request('create', free, 'mine');
      const outcomes = await send(bench, [refused, ...conflicting, fine]);
      for (const each of [refused, ...conflicting]) {
        const error = errorOf(outcomes, each);
        const { current } = (error ?? {}) as { current?: ServerRecord };
        const isConflict = codeOf(error) === 'conflict' && textOf(current) === 'theirs';
        expectThat(
          isConflict,
          `A conflict in a batch was answered with ${showError(error)}, current ${show(current)}.`,
        );
      }
      recordOf(outcomes, fine);
      expectEqual(textOf(await get(free)), 'mine', 'The stored text of the request beside a refused one');
      expectEqual(textOf(await get(taken)), 'theirs', 'The stored text of what was refused');
    },
  },
  {
    id: 'batch-in-order',
    cites: 'G3',
    title: 'the requests of a batch take effect in its order',
    remedy: 'Apply the requests one after the other, in the order of the list.',
    skips: undeclared,
    async check(bench) {
      const { get, newId, request, textOf } = bench;
      const id = newId('order');
      const requests = ['1', '2', '3', '4'].map((text) => request('create', id, text));
      const outcomes = await send(bench, requests);
      const applied = requests.flatMap((each, at) => (errorOf(outcomes, each) === undefined ? [at + 1] : []));
      expectEqual(applied, [1], 'Of four creates of one id in a batch, the list of those that were applied');
      expectEqual(textOf(await get(id)), '1', 'The stored text');
    },
  },
  {
    id: 'batch-and-single',
    cites: 'S4',
    title: 'a request is recognised whether it comes alone or in a batch',
    remedy:
      'Use the same look-up and the same fingerprint for both: after a lost answer a request may come the other way.',
    skips: (bench) =>
      undeclared(bench) ??
      (bench.client.capabilities?.idempotent === true
        ? null
        : 'the client does not declare `capabilities.idempotent`.'),
    async check(bench) {
      const { create, newId, request, textOf } = bench;
      const [alone, together] = [newId('alone'), newId('together')];
      const first = request('create', alone, 'first');
      const created = await create(alone, 'first', { idempotencyKey: first.idempotencyKey });
      expectEqual(
        recordOf(await send(bench, [first]), first),
        created,
        'In a batch, the answer to a create that came alone',
      );
      const second = request('create', together, 'first');
      const answered = recordOf(await send(bench, [second]), second);
      const again = await create(together, 'first', { idempotencyKey: second.idempotencyKey }).catch(
        (error: unknown) => error,
      );
      expectThat(!(again instanceof Error), `A create of a batch, sent again alone, threw ${showError(again)}.`);
      expectEqual(again, answered, 'Alone, the answer to a create that came in a batch');
      expectEqual(textOf(answered), 'first', 'The text in the answer');
    },
  },
];

async function send(
  { call, client }: ApiClientBench,
  requests: readonly SyncRequest[],
): Promise<ReadonlyMap<string, RequestOutcome>> {
  const outcomes = await call('batch', async (context) => client.batch?.(requests, context));
  expectThat(Array.isArray(outcomes), `batch resolved with ${show(outcomes)}, which is no list.`);
  const byKey = new Map(outcomes.map((outcome) => [outcome.idempotencyKey, outcome]));
  const keys = requests.map(({ idempotencyKey }) => idempotencyKey);
  const isComplete = outcomes.length === keys.length && keys.every((key) => byKey.has(key));
  expectThat(
    isComplete,
    `A batch of the keys ${show(keys)} was answered under ${show(outcomes.map((each) => each.idempotencyKey))}.`,
  );
  return byKey;
}

function errorOf(outcomes: ReadonlyMap<string, RequestOutcome>, { idempotencyKey }: SyncRequest): unknown {
  const outcome = outcomes.get(idempotencyKey);
  return outcome && 'error' in outcome ? outcome.error : undefined;
}

function recordOf(outcomes: ReadonlyMap<string, RequestOutcome>, request: SyncRequest): ServerRecord | undefined {
  const outcome = outcomes.get(request.idempotencyKey);
  if (outcome && 'record' in outcome) return outcome.record;
  const error = errorOf(outcomes, request);
  expectThat(false, `A ${request.type} in a batch was answered with ${showError(error)}; it should have been applied.`);
}
