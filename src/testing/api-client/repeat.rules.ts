import type { ServerRecord } from '../../core/record.ts';
import { codeOf, expectEqual, expectRefusal, expectThat, show, showError } from '../conformance/expectations.ts';
import type { ConformanceRule } from '../conformance/rule.ts';
import type { ApiClientBench } from './bench.ts';
import { createFeedReader } from './feed-reader.ts';

const undeclared = ({ client }: ApiClientBench): string | null =>
  client.capabilities?.idempotent === true
    ? null
    : 'the client does not declare `capabilities.idempotent`; a lost answer is settled by reading the entity, which cannot always tell.';

/** Rules about requests that are sent again. */
export const repeatRules: readonly ConformanceRule<ApiClientBench>[] = [
  {
    id: 'repeat-same-answer',
    cites: 'G2 S4',
    title: 'a repeated request gets the answer that it got first',
    remedy:
      'Store the answer under the idempotency key, in the same transaction as the data, and give it again. Keep it as long as clients may be offline.',
    skips: undeclared,
    async check({ create, get, newId, newKey, remove, versionOf }) {
      const id = newId('repeat');
      const [createKey, deleteKey] = [{ idempotencyKey: newKey() }, { idempotencyKey: newKey() }];
      const created = await create(id, 'first', createKey);
      expectEqual(await create(id, 'first', createKey), created, 'The answer to a repeated create');
      const version = versionOf(created);
      const deleted = await remove(id, version, deleteKey);
      expectEqual(await remove(id, version, deleteKey), deleted, 'The answer to a repeated delete');
      expectEqual((await get(id))?.entity ?? null, null, 'The entity after the repeats');
    },
  },
  {
    id: 'repeat-no-effect',
    cites: 'G2',
    title: 'a repeated request takes no second effect',
    remedy: 'Look the idempotency key up before anything is written, and write nothing when it is there.',
    skips: undeclared,
    async check({ create, get, newId, newKey, retitle, textOf }) {
      const id = newId('effect');
      const key = { idempotencyKey: newKey() };
      const created = await create(id, 'first');
      await retitle(created, 'second', key);
      await retitle((await get(id)) as ServerRecord, 'third');
      const before = await get(id);
      await retitle(created, 'second', key).catch(() => undefined);
      const after = await get(id);
      expectEqual(textOf(after), 'third', 'The stored text after an earlier update was sent again');
      expectEqual(after?.version, before?.version, 'The version after an earlier update was sent again');
    },
  },
  {
    id: 'repeat-before-precondition',
    cites: 'G2 S4',
    title: 'a repeat is recognised before the version is compared',
    remedy:
      'Look the idempotency key up before the precondition. The other way round, a request whose answer was lost is refused by its own effect: a conflict with oneself.',
    skips: undeclared,
    async check({ create, newId, newKey, retitle }) {
      const key = { idempotencyKey: newKey() };
      const created = await create(newId('order'), 'first');
      const updated = await retitle(created, 'second', key);
      const again = await retitle(created, 'second', key).catch((error: unknown) => error);
      expectThat(
        !(again instanceof Error),
        `A repeated update threw ${showError(again)}; its first answer was ${show(updated)}.`,
      );
      await retitle(updated, 'third');
      expectEqual(await retitle(created, 'second', key), updated, 'The answer to a repeat after someone else wrote');
    },
  },
  {
    id: 'repeat-other-content',
    cites: 'S4',
    title: 'a key that comes again with other content is refused',
    remedy:
      'Store a fingerprint of the request beside its answer. When the same key comes with another one, throw RejectedError (HTTP 422) and change nothing.',
    skips: undeclared,
    async check({ create, get, newId, newKey, textOf }) {
      const id = newId('other');
      const key = { idempotencyKey: newKey() };
      const created = await create(id, 'first', key);
      await expectRefusal(create(id, 'other', key), ['rejected'], 'A create under the key of another create');
      const read = await get(id);
      expectEqual(textOf(read), 'first', 'The stored text after the refusal');
      expectEqual(read?.version, created.version, 'The version after the refusal');
    },
  },
  {
    id: 'refusal-not-bound',
    cites: 'S4',
    title: 'a refusal is not stored under the key: the same request is judged anew',
    remedy:
      'Store only outcomes that were applied. What was refused may be right later, and is sent again under its key.',
    skips: undeclared,
    async check({ create, newId, newKey, remove, textOf, versionOf }) {
      const id = newId('anew');
      const key = { idempotencyKey: newKey() };
      const theirs = await create(id, 'theirs');
      await expectRefusal(create(id, 'mine', key), ['conflict'], 'Creating an id that is taken');
      await remove(id, versionOf(theirs));
      const created = await create(id, 'mine', key).catch((error: unknown) => error);
      expectThat(
        !(created instanceof Error),
        `The same create, sent again when the id was free, threw ${showError(created)}.`,
      );
      expectEqual(textOf(created as ServerRecord), 'mine', 'The text of the entity that was created at last');
    },
  },
  {
    id: 'repeat-at-once',
    cites: 'G2',
    title: 'a request that arrives twice at the same time is applied once',
    remedy:
      'Take a lock on the key, or let a unique index on it decide, within the transaction. The second may wait for the first answer or throw UnavailableError; it is sent again.',
    skips: undeclared,
    async check({ create, get, newId, newKey, retitle, textOf }) {
      const id = newId('twice');
      const created = await create(id, 'first');
      const key = { idempotencyKey: newKey() };
      const ends = await Promise.allSettled([1, 2, 3].map(() => retitle(created, 'second', key)));
      const answers = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
      const [first] = answers;
      expectThat(
        first !== undefined,
        `Of one update that came three times at once none was answered: ${showEnds(ends)}.`,
      );
      for (const answer of answers) expectEqual(answer, first, 'Another answer to the same request');
      const stray = ends.find((end) => end.status === 'rejected' && isDefinite(end.reason));
      expectThat(stray === undefined, `One update came three times at once, and was refused once: ${showEnds(ends)}.`);
      const read = await get(id);
      expectEqual(textOf(read), 'second', 'The stored text');
      expectEqual(read?.version, first.version, 'The version after one update that came three times');
    },
  },
  {
    id: 'epoch-first',
    cites: 'S39',
    title: 'a write that knows another life of the data is refused before anything else',
    remedy:
      'Compare `context.epoch` with the epoch of the data before you look the key up, and throw EpochChangedError({ epoch }) when they differ: after a restored backup no stored answer means anything.',
    skips: async (bench) => undeclared(bench) ?? tellsNoEpoch(bench),
    async check(bench) {
      const { create, get, newId, newKey, textOf } = bench;
      const { epoch = '' } = await createFeedReader(bench).page(null, 1);
      const id = newId('epoch');
      const key = { idempotencyKey: newKey() };
      await create(id, 'first', { ...key, epoch });
      const old = { ...key, epoch: `not-${epoch}` };
      await expectRefusal(create(id, 'first', old), ['epoch-changed'], 'A repeat with another epoch');
      expectEqual(textOf(await get(id)), 'first', 'The stored text');
    },
  },
  {
    id: 'epoch-told',
    cites: 'S39',
    title: 'a record that is answered names the epoch that the pages of the feed name',
    remedy:
      'Add `epoch` to the records that `get` and writes give, and to ConflictError.current. A client that does not know the epoch writes without it, and a version that came again after a restored backup is taken for the one it knew.',
    skips: tellsNoEpoch,
    async check(bench) {
      const { create, get, newId, retitle } = bench;
      const { epoch } = await createFeedReader(bench).page(null, 1);
      const id = newId('epoch');
      const created = await create(id, 'first');
      const updated = await retitle(created, 'second');
      const refusal = await expectRefusal(create(id, 'again'), ['conflict'], 'Creating an id that is taken');
      const { current } = refusal as { readonly current?: ServerRecord };
      const told = [created, updated, await get(id), current].map((record) => record?.epoch);
      expectEqual(told, [epoch, epoch, epoch, epoch], 'The epochs of create, update, get and ConflictError.current');
    },
  },
];

async function tellsNoEpoch(bench: ApiClientBench): Promise<string | null> {
  if (!bench.client.changes) return 'the client has no `changes` that would tell an epoch.';
  const { epoch } = await createFeedReader(bench).page(null, 1);
  return epoch === undefined ? 'the pages of `changes` tell no epoch.' : null;
}

const definite = new Set(['conflict', 'rejected', 'forbidden', 'not-found', 'too-large', 'invalid-entity']);

function isDefinite(error: unknown): boolean {
  return definite.has(codeOf(error) ?? '');
}

function showEnds(ends: readonly PromiseSettledResult<ServerRecord>[]): string {
  return ends.map((end) => (end.status === 'fulfilled' ? show(end.value) : showError(end.reason))).join('; ');
}
