import type { ServerRecord } from '../../core/record.ts';
import { codeOf, expectEqual, expectRefusal, expectThat, show, showError } from '../conformance/expectations.ts';
import type { ConformanceRule } from '../conformance/rule.ts';
import type { ApiClientBench } from './bench.ts';

const unversioned = ({ isVersioned }: ApiClientBench): string | null =>
  isVersioned ? null : "the backend has no versions (detectConflicts: 'compare').";

const precondition =
  'Compare `baseVersion` with the stored version in the same transaction as the write, and throw ConflictError({ current }) with the stored record when they differ.';

/** Rules about versions, preconditions and tombstones. */
export const versionRules: readonly ConformanceRule<ApiClientBench>[] = [
  {
    id: 'version-moves',
    cites: 'S12',
    title: 'each change of an entity gives it another version',
    remedy:
      'Give each state a version of its own. With `capabilities.orderedVersions` they are numbers that grow with each change of the entity.',
    skips: unversioned,
    async check({ client, create, newId, retitle }) {
      const first = await create(newId('moves'), 'first');
      const second = await retitle(first, 'second');
      const third = await retitle(second, 'first');
      const versions = [first, second, third].map(({ version }) => version);
      expectThat(new Set(versions).size === 3, `Three states of an entity have the versions ${show(versions)}.`);
      if (client.capabilities?.orderedVersions !== true) return;
      const isGrowing = versions.every(
        (version, at) => typeof version === 'number' && version > Number(versions[at - 1] ?? 0),
      );
      expectThat(isGrowing, `orderedVersions is promised, and three states have the versions ${show(versions)}.`);
    },
  },
  {
    id: 'stale-update',
    cites: 'S10 S12',
    title: 'an update on an old version is a conflict that tells the current record, and changes nothing',
    remedy: precondition,
    skips: unversioned,
    async check(bench) {
      const id = bench.newId('stale');
      const created = await bench.create(id, 'first');
      const theirs = await bench.retitle(created, 'theirs');
      const refusal = await expectRefusal(bench.retitle(created, 'mine'), ['conflict'], 'An update on an old version');
      await expectTheirs(bench, id, theirs, refusal.current);
    },
  },
  {
    id: 'stale-delete',
    cites: 'S10 S12',
    title: 'a delete on an old version is a conflict that tells the current record, and deletes nothing',
    remedy: precondition,
    skips: unversioned,
    async check(bench) {
      const id = bench.newId('stale');
      const created = await bench.create(id, 'first');
      const theirs = await bench.retitle(created, 'theirs');
      const refusal = await expectRefusal(
        bench.remove(id, bench.versionOf(created)),
        ['conflict'],
        'A delete on an old version',
      );
      await expectTheirs(bench, id, theirs, refusal.current);
    },
  },
  {
    id: 'create-taken',
    cites: 'S13',
    title: 'creating what is there already is a conflict that tells the current record',
    remedy: 'Let `create` insert only. When the id is taken, throw ConflictError({ current }) with the stored record.',
    async check(bench) {
      const id = bench.newId('taken');
      const theirs = await bench.create(id, 'theirs');
      const refusal = await expectRefusal(bench.create(id, 'mine'), ['conflict'], 'Creating an id that is taken');
      await expectTheirs(bench, id, theirs, refusal.current);
    },
  },
  {
    id: 'one-of-many-wins',
    cites: 'S10',
    title: 'of updates that arrive together on one version, one is applied and the others are conflicts',
    remedy:
      'Check the version and write in one step: a transaction, a lock, or UPDATE … WHERE version = ?. Reading first and writing later loses updates.',
    skips: unversioned,
    async check({ create, get, newId, retitle, textOf }) {
      const id = newId('race');
      const created = await create(id, 'first');
      const texts = ['a', 'b', 'c', 'd', 'e'];
      const ends = await Promise.allSettled(texts.map((text) => retitle(created, text)));
      const winners = texts.filter((_, at) => ends[at]?.status === 'fulfilled');
      const losses = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
      expectThat(winners.length === 1, `Of five updates on one version these were acknowledged: ${show(winners)}.`);
      expectEqual(textOf(await get(id)), winners[0], 'The stored text after five updates at once');
      const stray = losses.find((error) => !['conflict', 'unavailable', 'rate-limited'].includes(codeOf(error) ?? ''));
      expectThat(stray === undefined, `One of five updates on one version threw ${showError(stray)}.`);
    },
  },
  {
    id: 'deleted-is-gone',
    title: 'a deleted entity is gone',
    remedy:
      'Let `get` resolve with null after a delete, or with a tombstone: { entity: null, version, deleted: true }.',
    async check({ create, get, newId, remove, versionOf }) {
      const id = newId('gone');
      await remove(id, versionOf(await create(id, 'first')));
      expectEqual((await get(id))?.entity ?? null, null, 'The entity that get gives after the delete');
    },
  },
  {
    id: 'created-again',
    cites: 'S17',
    title: 'a deleted entity can be created again, under a version that it never had',
    remedy:
      'Keep a tombstone with the last version of a deleted entity. It counts as absent for a create, and versions go on above it: one that comes again hides changes from clients that knew it.',
    skips: unversioned,
    async check({ client, create, newId, remove, retitle, textOf, versionOf }) {
      const id = newId('again');
      const created = await create(id, 'first');
      const updated = await retitle(created, 'second');
      const deleted = await remove(id, versionOf(updated));
      const again = await create(id, 'again');
      expectEqual(textOf(again), 'again', 'The text after creating the entity again');
      const earlier = [created.version, updated.version, deleted?.version].filter((version) => version !== undefined);
      const isNew = !earlier.includes(again.version as string);
      expectThat(isNew, `Created again the entity has version ${show(again.version)}; before it had ${show(earlier)}.`);
      if (client.capabilities?.orderedVersions !== true) return;
      const isAbove = earlier.every((version) => Number(again.version) > Number(version));
      expectThat(isAbove, `Created again the entity has version ${show(again.version)}, not above ${show(earlier)}.`);
    },
  },
  {
    id: 'absent-is-not-found',
    title: 'updating or deleting what is not there is not found',
    remedy:
      'Throw NotFoundError where there is no such entity. For one that was deleted, ConflictError({ current }) with its tombstone does as well. Nothing may be created by an update.',
    async check({ create, entity, get, newId, remove, retitle, versionOf }) {
      const absent = newId('never');
      const never: ServerRecord = { entity: entity(absent, 'first'), version: 1 };
      await expectRefusal(retitle(never, 'second'), ['not-found'], 'An update of an id that was never used');
      await expectRefusal(remove(absent, 1), ['not-found'], 'A delete of an id that was never used');
      const id = newId('gone');
      const created = await create(id, 'first');
      await remove(id, versionOf(created));
      await expectRefusal(retitle(created, 'second'), ['not-found', 'conflict'], 'An update of a deleted entity');
      expectEqual((await get(id))?.entity ?? null, null, 'The deleted entity after an update of it');
    },
  },
];

/** What somebody else wrote under the text `theirs` is told by the conflict, and still stored. */
async function expectTheirs(
  { textOf, isVersioned, get }: ApiClientBench,
  id: string,
  theirs: ServerRecord,
  current: unknown,
): Promise<void> {
  const record = current as ServerRecord | undefined;
  expectThat(
    typeof record === 'object' && record !== null && 'entity' in record,
    `The ConflictError has the current record ${show(current)}; without it the conflict counts as no answer.`,
  );
  expectEqual(textOf(record), 'theirs', 'The text in ConflictError.current');
  if (isVersioned) expectEqual(record.version, theirs.version, 'The version in ConflictError.current');
  expectEqual(textOf(await get(id)), 'theirs', 'The stored text after the conflict');
}
