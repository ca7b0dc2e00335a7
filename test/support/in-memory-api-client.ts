import { ConflictError, NotFoundError, type ApiClient, type ISyncEntity } from '../../src/index.ts';

/** A backend of four functions, in memory. */
export function createInMemoryApiClient(): ApiClient {
  const records = new Map<string, { entity: ISyncEntity | null; version: number }>();

  const write = (place: string, entity: ISyncEntity | null) => {
    const record = { entity: structuredClone(entity), version: (records.get(place)?.version ?? 0) + 1 };
    records.set(place, record);
    return record;
  };
  const expectVersion = (place: string, version: unknown) => {
    const current = records.get(place);
    if (!current?.entity) throw new NotFoundError();
    if (current.version !== version) throw new ConflictError({ current });
  };

  return {
    async get(collection, id) {
      return records.get(`${collection}/${id}`) ?? null;
    },
    async create(collection, entity) {
      const current = records.get(`${collection}/${entity.id}`);
      if (current?.entity) throw new ConflictError({ current });
      return write(`${collection}/${entity.id}`, entity);
    },
    async update(collection, id, { entity, baseVersion }) {
      expectVersion(`${collection}/${id}`, baseVersion);
      return write(`${collection}/${id}`, entity);
    },
    async delete(collection, id, { baseVersion }) {
      expectVersion(`${collection}/${id}`, baseVersion);
      return write(`${collection}/${id}`, null);
    },
  };
}
