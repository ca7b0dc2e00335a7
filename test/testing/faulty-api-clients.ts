import {
  BadResponseError,
  ConflictError,
  NotFoundError,
  RejectedError,
  type SyncError,
} from '../../src/core/errors.ts';
import type { ChangePage, RemoteChange, ServerRecord } from '../../src/core/record.ts';
import type { ApiClient } from '../../src/ports/api-client.ts';
import { createMemoryBackend, type MemoryBackend } from '../../src/testing/backend/memory-backend.ts';
import { settle } from '../../src/testing/virtual-clock.ts';

/** One mistake of a backend, and the rules that find it. */
export interface PlantedFault {
  readonly fault: string;
  readonly rules: readonly string[];
  readonly plant: (good: ApiClient, backend: MemoryBackend) => Partial<ApiClient>;
}

/** A backend without a mistake. */
export function createGoodBackend(): MemoryBackend {
  const backend = createMemoryBackend();
  backend.epoch = 'epoch-1';
  return backend;
}

const never = new Promise<never>(() => undefined);

const mapPage = (
  good: ApiClient,
  change: (page: ChangePage, query: { readonly cursor: string | null }) => ChangePage,
): Pick<ApiClient, 'changes'> => ({
  changes: async (collection, query, context) => change(await good.changes!(collection, query, context), query),
});

/** Mistakes that backends really make, at least one for every rule. */
export const plantedFaults: readonly PlantedFault[] = [
  {
    fault: 'get reads from a cache that was filled before the write',
    rules: ['read-back'],
    plant(good) {
      const asked = new Set<string>();
      return {
        async get(collection, id, context) {
          const record = await good.get(collection, id, context);
          const isFirst = !asked.has(id) && id.startsWith('read-');
          asked.add(id);
          return isFirst ? null : record;
        },
      };
    },
  },
  {
    fault: 'get throws a 404',
    rules: ['absent-is-null', 'unusual-ids'],
    plant: (good) => ({
      async get(...given) {
        const record = await good.get(...given);
        if (!record) throw new NotFoundError();
        return record;
      },
    }),
  },
  {
    fault: 'versions are missing from the answers to updates',
    rules: ['record-shape', 'version-moves'],
    plant: (good) => ({
      async update(...given) {
        const { version: _, ...record } = await good.update(...given);
        return given[2].baseVersion === null ? record : { ...record, version: null as never };
      },
    }),
  },
  {
    fault: 'fields that are null are dropped',
    rules: ['content-kept'],
    plant: (good) => ({
      create: (collection, entity, context) => {
        const text = JSON.stringify(entity, (_, value: unknown) => (value === null ? undefined : value));
        return good.create(collection, JSON.parse(text) as typeof entity, context);
      },
    }),
  },
  {
    fault: 'an update is merged into the stored entity',
    rules: ['removed-field'],
    plant: (good) => ({
      async update(collection, id, change, context) {
        const stored = await good.get(collection, id, context);
        const entity = { ...stored?.entity, ...change.entity };
        return good.update(collection, id, { ...change, entity }, context);
      },
    }),
  },
  {
    fault: 'ids are put into addresses as they are',
    rules: ['unusual-ids'],
    plant: (good) => ({
      get: (collection, id, context) => good.get(collection, id.replace(/[?#].*/, ''), context),
    }),
  },
  {
    fault: 'all collections are one table',
    rules: ['collections-apart'],
    plant: (good) => ({
      async create(collection, entity, context) {
        if (collection !== 'tasks') return good.create(collection, entity, context);
        const taken = await good.get('notes', entity.id, context);
        if (!taken) return good.create(collection, entity, context);
        return good.update('notes', entity.id, { entity, patch: [], baseVersion: taken.version ?? null }, context);
      },
    }),
  },
  {
    fault: 'the entity that was handed over is what is stored',
    rules: ['input-untouched'],
    plant(good) {
      const handed = new Map<string, ServerRecord['entity']>();
      return {
        create(collection, entity, context) {
          handed.set(entity.id, entity);
          return good.create(collection, entity, context);
        },
        async get(collection, id, context) {
          const record = await good.get(collection, id, context);
          return record?.entity && record.version === 1 ? { ...record, entity: handed.get(id) ?? null } : record;
        },
      };
    },
  },
  {
    fault: 'the version is the second of the change',
    rules: ['version-moves'],
    plant(good) {
      const coarse = (record: ServerRecord): ServerRecord => ({
        ...record,
        version: Math.min(Number(record.version), 2),
      });
      return {
        async update(collection, id, change, context) {
          const stored = await good.get(collection, id, context);
          const isOnLast = Number(stored?.version) >= 2 && change.baseVersion === 2 && id.startsWith('moves');
          return coarse(
            await good.update(
              collection,
              id,
              isOnLast ? { ...change, baseVersion: stored?.version ?? null } : change,
              context,
            ),
          );
        },
      };
    },
  },
  {
    fault: 'updates do not look at the version',
    rules: ['one-of-many-wins', 'stale-update'],
    plant: (good) => ({
      async update(collection, id, change, context) {
        try {
          return await good.update(collection, id, change, context);
        } catch (error) {
          const current = (error as Partial<ConflictError>).current;
          if (!current?.entity) throw error;
          return good.update(collection, id, { ...change, baseVersion: current.version ?? null }, context);
        }
      },
    }),
  },
  {
    fault: 'deletes do not look at the version',
    rules: ['stale-delete'],
    plant: (good) => ({
      async delete(collection, id, change, context) {
        try {
          return await good.delete(collection, id, change, context);
        } catch (error) {
          const current = (error as Partial<ConflictError>).current;
          if (!current?.entity) throw error;
          return good.delete(collection, id, { baseVersion: current.version ?? null }, context);
        }
      },
    }),
  },
  {
    fault: 'a conflict does not tell the current record',
    rules: ['stale-update'],
    plant: (good) => ({
      update: (...given) =>
        good.update(...given).catch((error: SyncError) => {
          throw error.code === 'conflict' ? new ConflictError({ current: undefined as never }) : error;
        }),
    }),
  },
  {
    fault: 'create writes over what is there',
    rules: ['create-taken', 'refusal-not-bound'],
    plant: (good) => ({
      async create(collection, entity, context) {
        try {
          return await good.create(collection, entity, context);
        } catch (error) {
          if (!(error instanceof ConflictError)) throw error;
          const { version = null } = error.current;
          return good.update(collection, entity.id, { entity, patch: [], baseVersion: version }, context);
        }
      },
    }),
  },
  {
    fault: 'the version is read first, and the write follows later',
    rules: ['one-of-many-wins'],
    plant: (good) => ({
      async update(collection, id, change, context) {
        const seen = await good.get(collection, id, context);
        if (!id.startsWith('race') || seen?.version !== change.baseVersion)
          return good.update(collection, id, change, context);
        await settle();
        const stored = await good.get(collection, id, context);
        return good.update(collection, id, { ...change, baseVersion: stored?.version ?? null }, context);
      },
    }),
  },
  {
    fault: 'deleted entities stay readable',
    rules: ['absent-is-not-found', 'deleted-is-gone', 'repeat-same-answer', 'unusual-ids', 'batch-answers-each'],
    plant(good) {
      const lastById = new Map<string, ServerRecord>();
      return {
        async get(collection, id, context) {
          const record = await good.get(collection, id, context);
          if (record?.entity === null) return lastById.get(id) ?? { ...record, entity: { id, updatedAt: '' } };
          if (record) lastById.set(id, record);
          return record;
        },
      };
    },
  },
  {
    fault: 'deleting leaves no trace, and versions begin anew',
    rules: ['created-again'],
    plant: (good) => ({
      create: async (...given) => ({ ...(await good.create(...given)), version: 1 }),
    }),
  },
  {
    fault: 'an update creates what is not there',
    rules: ['absent-is-not-found'],
    plant: (good) => ({
      update: (collection, id, change, context) =>
        good.update(collection, id, change, context).catch((error: SyncError) => {
          if (error.code !== 'not-found') throw error;
          return good.create(collection, change.entity, context);
        }),
    }),
  },
  {
    fault: 'a call that is aborted never settles',
    rules: ['abort-settles'],
    plant: (good) => ({
      get: (collection, id, context) => (context.signal.aborted ? never : good.get(collection, id, context)),
    }),
  },
  {
    fault: 'an aborted write is reported as refused',
    rules: ['abort-is-no-refusal'],
    plant: (good) => ({
      async create(collection, entity, context) {
        await settle();
        if (context.signal.aborted) throw new RejectedError();
        return good.create(collection, entity, context);
      },
    }),
  },
  {
    fault: 'the probe asks for something that is not there',
    rules: ['probe-answers'],
    plant: () => ({ probe: () => Promise.reject(new BadResponseError()) }),
  },
  {
    fault: 'the key is not looked up at all',
    rules: [
      'abort-is-no-refusal',
      'batch-and-single',
      'repeat-at-once',
      'repeat-before-precondition',
      'repeat-other-content',
      'repeat-same-answer',
    ],
    plant: () => ({ ...createMemoryBackend({ idempotent: false }).apiClient, capabilities: { idempotent: true } }),
  },
  {
    fault: 'the version is compared before the key is looked up',
    rules: ['repeat-before-precondition'],
    plant: (good) => ({
      async update(collection, id, change, context) {
        const current = await good.get(collection, id, context);
        if (current?.entity && current.version !== change.baseVersion) throw new ConflictError({ current });
        return good.update(collection, id, change, context);
      },
    }),
  },
  {
    fault: 'a repeat is answered with the state of now',
    rules: ['repeat-before-precondition'],
    plant: (good) => ({
      async update(collection, id, change, context) {
        const record = await good.update(collection, id, change, context);
        return (await good.get(collection, id, context)) ?? record;
      },
    }),
  },
  {
    fault: 'a repeat is applied again',
    rules: ['repeat-before-precondition', 'repeat-no-effect'],
    plant(good) {
      const seen = new Set<string>();
      return {
        async update(collection, id, change, context) {
          const key = context.idempotencyKey ?? '';
          const isRepeat = seen.has(key);
          const record = await good.update(collection, id, change, context);
          seen.add(key);
          if (!isRepeat) return record;
          const stored = await good.get(collection, id, context);
          const again = { ...change, baseVersion: stored?.version ?? null };
          return good.update(collection, id, again, { ...context, idempotencyKey: `${key}-${Math.random()}` });
        },
      };
    },
  },
  {
    fault: 'the content under a key is not compared',
    rules: ['repeat-other-content'],
    plant: (good) => {
      const answers = new Map<string, ServerRecord>();
      return {
        async create(collection, entity, context) {
          const key = context.idempotencyKey ?? '';
          const record = answers.get(key) ?? (await good.create(collection, entity, context));
          answers.set(key, record);
          return structuredClone(record);
        },
      };
    },
  },
  {
    fault: 'refusals are stored under the key',
    rules: ['refusal-not-bound'],
    plant(good) {
      const refusals = new Map<string, unknown>();
      return {
        async create(collection, entity, context) {
          const key = context.idempotencyKey ?? '';
          if (refusals.has(key)) throw refusals.get(key);
          return good.create(collection, entity, context).catch((error: unknown) => {
            refusals.set(key, error);
            throw error;
          });
        },
      };
    },
  },
  {
    fault: 'the key is looked up first and stored later',
    rules: ['repeat-at-once'],
    plant(good) {
      const done = new Set<string>();
      return {
        async update(collection, id, change, context) {
          const key = context.idempotencyKey ?? '';
          const isRepeat = done.has(key);
          await settle();
          if (isRepeat || !done.has(key)) {
            done.add(key);
            return good.update(collection, id, change, context);
          }
          return good.update(collection, id, change, { ...context, idempotencyKey: `${key}-${Math.random()}` });
        },
      };
    },
  },
  {
    fault: 'the epoch is not compared',
    rules: ['epoch-first'],
    plant: (good) => ({
      create(collection, entity, context) {
        const { epoch: _, ...rest } = context;
        return good.create(collection, entity, rest);
      },
    }),
  },
  {
    fault: 'the answers to writes name no epoch',
    rules: ['epoch-told'],
    plant: (good) => ({
      async create(...given) {
        const { epoch: _, ...record } = await good.create(...given);
        return record;
      },
    }),
  },
  {
    fault: 'a batch leaves out what was refused',
    rules: ['batch-in-order', 'batch-refusal-alone'],
    plant: (good) => ({
      batch: async (...given) => (await good.batch!(...given)).filter((outcome) => 'record' in outcome),
    }),
  },
  {
    fault: 'a batch is one transaction, all or nothing',
    rules: ['batch-in-order', 'batch-refusal-alone'],
    plant: (good) => ({
      async batch(...given) {
        const outcomes = await good.batch!(...given);
        const refused = outcomes.find((outcome) => 'error' in outcome);
        if (refused) throw (refused as { error: unknown }).error;
        return outcomes;
      },
    }),
  },
  {
    fault: 'a batch is applied from its end',
    rules: ['batch-in-order'],
    plant: (good) => ({ batch: (requests, context) => good.batch!(requests.toReversed(), context) }),
  },
  {
    fault: 'the answers of a batch bear the keys of others',
    rules: ['batch-and-single', 'batch-answers-each', 'batch-in-order', 'batch-refusal-alone'],
    plant: (good) => ({
      async batch(...given) {
        const outcomes = await good.batch!(...given);
        return outcomes.map((outcome, at) => ({ ...outcome, idempotencyKey: `${at}` }));
      },
    }),
  },
  {
    fault: 'a batch keeps its keys apart from those of single requests',
    rules: ['batch-and-single'],
    plant: (good) => ({
      async batch(requests, context) {
        const renamed = requests.map((each) => ({ ...each, idempotencyKey: `batch-${each.idempotencyKey}` }));
        const outcomes = await good.batch!(renamed, context);
        return outcomes.map((outcome) => ({
          ...outcome,
          idempotencyKey: outcome.idempotencyKey.replace('batch-', ''),
        }));
      },
    }),
  },
  {
    fault: 'the last row of the last page is cut off',
    rules: ['feed-complete'],
    plant: (good) =>
      mapPage(good, (page) =>
        page.snapshot === true && !page.hasMore ? { ...page, changes: page.changes.slice(0, -1) } : page,
      ),
  },
  {
    fault: 'pages are as large as the feed',
    rules: ['feed-complete'],
    plant: (good) => ({
      changes: (collection, query, context) => good.changes!(collection, { ...query, limit: 1_000 }, context),
    }),
  },
  {
    fault: 'a snapshot shows what was deleted',
    rules: ['feed-without-deleted'],
    plant(good) {
      const deleted: RemoteChange[] = [];
      return {
        delete(collection, id, change, context) {
          deleted.push({ collection, id, record: { entity: { id, updatedAt: '' }, version: 1 } });
          return good.delete(collection, id, change, context);
        },
        ...mapPage(good, (page) =>
          page.snapshot === true && !page.hasMore ? { ...page, changes: [...page.changes, ...deleted] } : page,
        ),
      };
    },
  },
  {
    fault: 'deletions are not told',
    rules: ['feed-tells-changes'],
    plant: (good) =>
      mapPage(good, (page) => ({ ...page, changes: page.changes.filter(({ record }) => record.entity) })),
  },
  {
    fault: 'the newest change is told first',
    rules: ['feed-tells-changes'],
    plant: (good) => ({
      async changes(collection, { cursor, limit }, context) {
        const page = await good.changes!(collection, { cursor, limit: cursor === null ? limit : 1_000 }, context);
        return page.snapshot === true ? page : { ...page, changes: page.changes.toReversed() };
      },
    }),
  },
  {
    fault: 'the end of the feed tells the last change again',
    rules: ['feed-nothing-new'],
    plant(good) {
      let last: RemoteChange | undefined;
      return mapPage(good, (page) => {
        last = page.changes.at(-1) ?? last;
        return page.changes.length === 0 && last ? { ...page, changes: [last] } : page;
      });
    },
  },
  {
    fault: 'what was read is taken out of the feed',
    rules: ['feed-same-again'],
    plant(good) {
      const given = new Set<string>();
      return mapPage(good, (page) => {
        if (page.snapshot === true) return page;
        const changes = page.changes.filter(({ cursor }) => !given.has(`${cursor}`));
        for (const { cursor } of changes) given.add(`${cursor}`);
        return { ...page, changes };
      });
    },
  },
  {
    fault: 'places in the feed are given before the commit',
    rules: ['feed-no-gap'],
    plant(good) {
      const committed: { readonly place: number; readonly change: RemoteChange }[] = [];
      let places = 0;
      return {
        async create(collection, entity, context) {
          const place = (places += 1);
          for (let turn = 0; turn < (place % 3) + 1; turn += 1) await settle();
          const record = await good.create(collection, entity, context);
          committed.push({ place, change: { collection, id: entity.id, record, cursor: `${place}` } });
          return record;
        },
        async changes(collection, query, context) {
          const { cursor, limit } = query;
          const isOwn = cursor === null || (/^\d+$/.test(cursor) && Number(cursor) <= places);
          if (cursor === null || !isOwn) {
            const page = await good.changes!(collection, query, context);
            return page.hasMore ? page : { ...page, cursor: `${Math.max(0, ...committed.map(({ place }) => place))}` };
          }
          const rest = committed
            .filter(({ place, change }) => place > Number(cursor) && change.collection === collection)
            .toSorted((a, b) => a.place - b.place);
          const taken = rest.slice(0, limit);
          const next = `${taken.at(-1)?.place ?? cursor}`;
          return { changes: taken.map(({ change }) => change), cursor: next, hasMore: taken.length < rest.length };
        },
      };
    },
  },
  {
    fault: 'a cursor that is not known gives an empty page',
    rules: ['feed-cursor-expired'],
    plant: (good) => ({
      changes: (collection, query, context) =>
        good.changes!(collection, query, context).catch(() => ({
          changes: [],
          cursor: query.cursor ?? '',
          hasMore: false,
        })),
    }),
  },
  {
    fault: 'the feed is that of all collections',
    rules: ['feed-collections-apart'],
    plant: (good) => ({
      async changes(collection, query, context) {
        const page = await good.changes!(collection, query, context);
        const others = await good.changes!('tasks', { ...query, cursor: null }, context);
        return { ...page, changes: [...page.changes, ...others.changes] };
      },
    }),
  },
  {
    fault: 'the feed names the key of the request before',
    rules: ['feed-names-key'],
    plant: (good) =>
      mapPage(good, (page) => ({
        ...page,
        changes: page.changes.map((change) => ({ ...change, idempotencyKey: 'of another request' })),
      })),
  },
];
