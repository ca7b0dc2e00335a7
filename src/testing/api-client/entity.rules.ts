import type { ServerRecord } from '../../core/record.ts';
import { equalValues } from '../conformance/equal-values.ts';
import { expectEqual, expectThat, show } from '../conformance/expectations.ts';
import type { ConformanceRule } from '../conformance/rule.ts';
import type { ApiClientBench } from './bench.ts';
import type { SampleEntity } from './options.ts';

const oddIds = ['__proto__', 'constructor', 'a/b', '../x', '%2e%2e', 'a b?c#d', 'é', '😀', 'x'.repeat(256), '...'];

/** Rules about what is written and read. */
export const entityRules: readonly ConformanceRule<ApiClientBench>[] = [
  {
    id: 'read-back',
    title: 'what was created is read back as it was answered',
    remedy: 'Store the entity before you answer, and let `get` read what was stored, not a cache that lags behind.',
    async check({ create, get, newId, textOf }) {
      const id = newId('read');
      const created = await create(id, 'first');
      expectEqual(textOf(created), 'first', 'The text in the answer to create');
      const read = await get(id);
      expectEqual(textOf(read), 'first', 'The text that get gives after create');
      expectEqual(read?.version, created.version, 'The version that get gives after create');
    },
  },
  {
    id: 'absent-is-null',
    title: 'an entity that was never there is null',
    remedy:
      'Let `get` resolve with null where the backend has nothing, such as a 404. It may throw only when it cannot tell.',
    async check({ get, newId }) {
      expectEqual(await get(newId('absent')), null, 'The answer of get for an id that was never used');
    },
  },
  {
    id: 'record-shape',
    cites: 'S36',
    title: 'every answer is a valid record of the entity that was asked for',
    remedy:
      'Answer { entity, version }: `entity.id` is the id, `version` is a string or a finite number, `deleted` is not true beside an entity. Anything else counts as no answer, and the request is sent again for ever.',
    async check(bench) {
      const id = bench.newId('shape');
      const created = await bench.create(id, 'first');
      expectRecord(bench, created, id, 'create');
      expectRecord(bench, await bench.retitle(created, 'second'), id, 'update');
      const read = await bench.get(id);
      expectRecord(bench, read, id, 'get');
      const deleted = (await bench.remove(id, read.version ?? null)) as ServerRecord | undefined;
      const isGone = deleted === undefined || deleted === null || deleted.entity === null;
      expectThat(isGone, `delete answered with ${show(deleted)}; it should be nothing, or a record with entity: null.`);
    },
  },
  {
    id: 'content-kept',
    title: 'an entity comes back with all it was given',
    remedy:
      'Keep every field with its type: null is not absent, an empty text or list is not null, 0 and false stay, and text is Unicode. Fields that the backend adds are fine.',
    async check({ create, entity, get, newId }) {
      const id = newId('content');
      await create(id, 'first');
      const read = (await get(id))?.entity as SampleEntity | null;
      const { updatedAt: _, ...given } = entity(id, 'first');
      for (const [name, value] of Object.entries(given))
        expectEqual(read?.[name], value, `The field ${show(name)} that get gives after create`);
    },
  },
  {
    id: 'removed-field',
    title: 'an update that removes a field removes it',
    remedy:
      'Apply the whole patch, or replace the stored entity by `change.entity`. Merging the entity into the stored one keeps fields that were removed.',
    skips: ({ sample }) =>
      Object.keys(sample.entity('id', '')).includes('tags')
        ? null
        : 'the sample has no field `tags` that could be removed.',
    async check({ client, call, create, get, newId, newKey, sample, versionOf }) {
      const id = newId('removed');
      const created = await create(id, 'first');
      const { tags: _, version: __, ...rest } = created.entity as SampleEntity & { tags?: unknown };
      const change = {
        patch: [{ op: 'remove', path: '/tags' }],
        entity: rest as SampleEntity,
        baseVersion: versionOf(created),
      } as const;
      await call('update', (context) => client.update(sample.collection, id, change, context), {
        idempotencyKey: newKey(),
      });
      const read = (await get(id))?.entity as SampleEntity | null;
      expectThat(read !== null && !('tags' in read), `After the update get still gives tags: ${show(read)}.`);
    },
  },
  {
    id: 'unusual-ids',
    cites: 'S42',
    title: 'an id is plain data, whatever it consists of',
    remedy:
      'Percent-encode ids in addresses, bind them in queries, and keep them in a Map, not as properties of an object.',
    skips: ({ sample }) => (sample.newId ? 'the ids are made by `sample.newId`.' : null),
    async check(bench) {
      const { create, get, remove, retitle, textOf, versionOf } = bench;
      for (const id of oddIds) {
        const earlier = await get(id);
        if (earlier?.entity) await remove(id, versionOf(earlier));
        const updated = await retitle(await create(id, 'first'), 'second');
        const read = await get(id);
        expectThat(read?.entity?.id === id, `get(${show(id)}) gives ${show(read)}.`);
        expectEqual(textOf(read), 'second', `The text of the entity ${show(id)}`);
        await remove(id, versionOf(updated));
        expectEqual((await get(id))?.entity ?? null, null, `The entity ${show(id)} after it was deleted`);
      }
    },
  },
  {
    id: 'collections-apart',
    cites: 'S41',
    title: 'two collections do not share ids',
    remedy: 'Make the collection part of the key under which an entity is stored.',
    async check({ client, call, create, entity, get, newId, newKey, sample, textOf }) {
      const id = newId('apart');
      await create(id, 'in the one');
      const other = entity(id, 'in the other');
      await call('create', (context) => client.create(sample.otherCollection, other, context), {
        idempotencyKey: newKey(),
      });
      expectEqual(
        textOf(await get(id)),
        'in the one',
        'The text after another collection got an entity of the same id',
      );
    },
  },
  {
    id: 'input-untouched',
    title: 'what is handed over is neither changed nor kept',
    remedy: 'Copy the entity before you add anything to it, and store the copy: the caller goes on using its own.',
    async check({ client, call, entity, get, newId, newKey, sample, textOf }) {
      const id = newId('input');
      const handed = { ...entity(id, 'first') };
      await call('create', (context) => client.create(sample.collection, handed, context), {
        idempotencyKey: newKey(),
      });
      expectEqual(handed, entity(id, 'first'), 'The entity that was handed over, after the call,');
      Object.assign(handed, { [sample.field]: 'changed later' });
      expectEqual(textOf(await get(id)), 'first', 'The stored text after the caller changed its own entity');
    },
  },
];

function expectRecord(
  { isVersioned }: ApiClientBench,
  record: ServerRecord | null,
  id: string,
  what: string,
): asserts record is ServerRecord {
  const where = `${what} answered with ${show(record)}`;
  expectThat(typeof record === 'object' && record !== null, `${where}, which is no record.`);
  const { entity, version, deleted, updatedAt } = record;
  expectThat(typeof entity === 'object' && entity !== null, `${where}, in which there is no entity.`);
  expectThat(equalValues(entity.id, id), `${where}, which is another entity than ${show(id)}.`);
  const isToken = typeof version === 'string' || Number.isFinite(version);
  expectThat(
    isToken || (version === undefined && !isVersioned),
    `${where}, whose version is no string and no finite number.`,
  );
  expectThat(deleted !== true, `${where}, which says that it is deleted.`);
  expectThat(updatedAt === undefined || typeof updatedAt === 'string', `${where}, whose updatedAt is no text.`);
}
