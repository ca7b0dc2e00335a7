import { expect, it } from 'vitest';
import { createOperationIndex } from '../../src/service/operation-index.ts';
import type { StoredOperation } from '../../src/store/entry.ts';
import { createReplica, type EntitySlot } from '../../src/store/replica.ts';

const operation = (entityId: string, id: string, sequence: number): StoredOperation => ({
  id,
  clientId: 'c',
  sequence,
  type: 'create',
  collection: 'tasks',
  entityId,
  entity: { id: entityId, updatedAt: '' },
  baseVersion: null,
  timestamp: `2026-01-01T00:00:00.000${String(sequence).padStart(4, '0')}Z`,
});

/** A set that counts how often its members are gone through. */
function counting(slots: ReadonlySet<EntitySlot>): { readonly slots: ReadonlySet<EntitySlot>; rounds(): number } {
  let rounds = 0;
  const iterate = () => {
    rounds += 1;
    return slots.values();
  };
  return {
    slots: new Proxy(slots, {
      get: (target, key) => (key === Symbol.iterator ? iterate : Reflect.get(target, key)) as unknown,
    }),
    rounds: () => rounds,
  };
}

it('finds each of many operations without going through the others, as they are discarded one by one', () => {
  const replica = createReplica();
  const { slots, rounds } = counting(replica.working);
  const ids = Array.from({ length: 1_000 }, (_, index) => `o${index}`);
  for (const [index, id] of ids.entries())
    replica.apply({
      type: 'entity',
      collection: 'tasks',
      id,
      step: { type: 'write', operation: operation(id, id, index) },
    });
  const index = createOperationIndex(slots);
  const found = ids.map((id) => {
    const here = index.find(id);
    const step = { type: 'discard', operationId: id } as const;
    for (const change of replica.apply({ type: 'entity', collection: 'tasks', id, step })) index.note(change);
    return here?.operation.id;
  });
  expect({ found, rounds: rounds(), left: replica.working.size }).toEqual({ found: ids, rounds: 1, left: 0 });
});

it('finds what was written later at once, and nothing that has ended', () => {
  const replica = createReplica();
  const { slots, rounds } = counting(replica.working);
  const index = createOperationIndex(slots);
  const write = { type: 'write', operation: operation('a', 'o1', 1) } as const;
  for (const change of replica.apply({ type: 'entity', collection: 'tasks', id: 'a', step: write })) index.note(change);
  expect([index.find('o1')?.slot.id, rounds()]).toEqual(['a', 0]);
  const end = { type: 'annihilate', operationIds: ['o1'] } as const;
  for (const change of replica.apply({ type: 'entity', collection: 'tasks', id: 'a', step: end })) index.note(change);
  expect(index.find('o1')).toBe(undefined);
});
