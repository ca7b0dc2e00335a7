import { expect, test } from 'vitest';
import type { FieldPolicies } from '../../src/core/conflict.ts';
import type { JsonPatch } from '../../src/core/json.ts';
import { unknownEntity, viewOf } from '../../src/store/entity-state.ts';
import { transition } from '../../src/store/entity-transition.ts';
import type { EntityStep } from '../../src/store/entry.ts';

const write = (id: string, sequence: number, patch: JsonPatch): EntityStep => ({
  type: 'write',
  operation: {
    id,
    clientId: 'c',
    sequence,
    timestamp: '',
    collection: 'tasks',
    entityId: '1',
    type: 'update',
    patch,
    baseVersion: 1,
  },
});

function afterDiscardOfFirst(fields: object, policies: FieldPolicies, ...patches: readonly JsonPatch[]): unknown {
  const base = { entity: { id: '1', updatedAt: '', version: 1, ...fields }, version: 1, updatedAt: null };
  const steps: readonly EntityStep[] = [
    { type: 'receive', base },
    ...patches.map((patch, index) => write(`o${index}`, index, patch)),
    { type: 'park', key: null, error: { code: 'rejected', message: 'Refused.' } },
    { type: 'discard', operationId: 'o0' },
  ];
  return viewOf(steps.reduce((state, step) => transition(state, step, policies).state, unknownEntity));
}

test('S9 a counter does not keep what was discarded', () => {
  const to = (value: number): JsonPatch => [{ op: 'replace', path: '/n', value }];
  expect(afterDiscardOfFirst({ n: 3 }, { '/n': 'counter' }, to(5), to(6))).toMatchObject({ n: 4 });
});

test('S9 a union does not keep what was discarded', () => {
  const to = (value: string[]): JsonPatch => [{ op: 'replace', path: '/tags', value }];
  const tags = afterDiscardOfFirst({ tags: ['a'] }, { '/tags': 'union' }, to(['a', 'b']), to(['a', 'b', 'c']));
  expect(tags).toMatchObject({ tags: ['a', 'c'] });
});
