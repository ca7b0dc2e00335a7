import { expect, test } from 'vitest';
import { foldOperations } from '../../src/outbox/fold.ts';
import { unknownEntity } from '../../src/store/entity-state.ts';
import { transition } from '../../src/store/entity-transition.ts';
import type { StoredOperation } from '../../src/store/entry.ts';

const operation: StoredOperation = {
  id: 'later',
  clientId: 'client',
  sequence: 2,
  timestamp: '2026-01-01T00:00:00.0000000Z',
  collection: 'tasks',
  entityId: '1',
  type: 'create',
  entity: { id: '1', updatedAt: '2026-01-01T00:00:00.0000000Z' },
  baseVersion: null,
  absorbs: ['earlier'],
};

test('S1 a request names the operations that it folds, not those that they absorbed, and so it can be sealed', () => {
  const { state } = transition(unknownEntity, { type: 'write', operation });
  const folded = foldOperations({ collection: 'tasks', id: '1', state, page: 0 }, 1, 'key');
  expect(folded).toMatchObject({ type: 'request', request: { idempotencyKey: 'key', operationIds: ['later'] } });
  if (folded.type !== 'request') return;
  const sealed = transition(state, { type: 'seal', request: folded.request }).state;
  expect(sealed.work?.request).toEqual(folded.request);
});
