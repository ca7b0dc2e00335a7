import { expect, test } from 'vitest';
import type { Base } from '../../src/core/entity.ts';
import type { StoredOperation } from '../../src/store/entry.ts';
import { rebase } from '../../src/store/rebase.ts';

const operation = (type: StoredOperation['type']): StoredOperation => ({
  id: `op-${type}`,
  clientId: 'here',
  sequence: 1,
  collection: 'tasks',
  entityId: 'a',
  type,
  ...(type === 'create' ? { entity: { id: 'a', updatedAt: '' } } : {}),
  baseVersion: null,
  timestamp: '2026-01-01T00:00:00.0000000Z',
});

const remote: Base = {
  entity: { id: 'a', updatedAt: '', version: 1, ...{ note: 'of others' } },
  version: 1,
  updatedAt: null,
};

test('S10 what was made and deleted here does not delete what others made under the same id', () => {
  const pending = [operation('create'), operation('delete')];
  expect(rebase({ base: null, view: null, pending, remote })).toEqual(null);
});

test('S13 a deletion of what was not known here stands when it is fetched', () => {
  const pending = [operation('delete')];
  expect(rebase({ base: null, view: null, pending, remote })).toEqual({ view: null, pending, settled: [] });
});
