import { expect, test } from 'vitest';
import { createOutbox } from '../../src/outbox/outbox.ts';
import { unknownEntity, type EntityState } from '../../src/store/entity-state.ts';
import { transition } from '../../src/store/entity-transition.ts';
import type { EntityStep, StoredOperation } from '../../src/store/entry.ts';

const write = (id: string, sequence: number, patch: StoredOperation['patch']): EntityStep => ({
  type: 'write',
  operation: {
    id,
    clientId: 'c',
    sequence,
    timestamp: `2026-01-01T00:00:0${sequence}.0000000Z`,
    collection: 'tasks',
    entityId: '1',
    type: 'update',
    ...(patch ? { patch } : {}),
    baseVersion: 1,
  },
});
const told = (version: number, fields: object): EntityStep => ({
  type: 'receive',
  base: { entity: { id: '1', updatedAt: '', version, ...fields }, version, updatedAt: null },
});

function outboxOf(state: EntityState, undurable: Set<string>) {
  const slot = { collection: 'tasks', id: '1', state, page: 0 };
  const outbox = createOutbox({
    order: 'entity',
    references: { isHeld: () => false, isBehindRefused: () => false, update: () => [] },
    isDurable: (id) => !undurable.has(id),
    ready: () => undefined,
    laneChanged: () => undefined,
  });
  return { slot, outbox };
}

test('S27 S31 what was written over a refusal waits for its own durability where it absorbed what superseded it', () => {
  const steps: readonly EntityStep[] = [
    told(1, { a: 1, b: 1, c: 1 }),
    write('refused', 1, [{ op: 'replace', path: '/a', value: 2 }]),
    { type: 'park', key: null, error: { code: 'rejected', message: 'Refused.' } },
    write('over', 2, [{ op: 'replace', path: '/a', value: 3 }]),
    write('newest', 3, [{ op: 'replace', path: '/b', value: 3 }]),
    told(2, { a: 1, b: 1, c: 2 }),
  ];
  const state = steps.reduce((before, step) => transition(before, step).state, unknownEntity);
  expect(state.work?.pending.map(({ id, absorbs }) => [id, absorbs])).toEqual([['newest', ['refused', 'over']]]);

  const undurable = new Set(['newest']);
  const { slot, outbox } = outboxOf(state, undurable);
  outbox.update(slot);
  expect([outbox.maySend(slot), outbox.durablePrefix(slot), outbox.take(1, 0)]).toEqual([false, 0, []]);
  undurable.clear();
  outbox.update(slot);
  expect([outbox.maySend(slot), outbox.durablePrefix(slot), outbox.take(1, 0)]).toEqual([true, 1, [slot]]);
});
