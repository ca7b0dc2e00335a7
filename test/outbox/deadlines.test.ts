import { expect, test } from 'vitest';
import { createOutbox } from '../../src/outbox/outbox.ts';
import { unknownEntity } from '../../src/store/entity-state.ts';
import { transition } from '../../src/store/entity-transition.ts';
import type { EntitySlot } from '../../src/store/replica.ts';

/** An entity with a create that waits. */
function written(id: string, sequence: number): EntitySlot {
  const timestamp = `2026-01-01T00:00:0${sequence}.0000000Z`;
  const entity = { id, updatedAt: timestamp };
  const made = { id: `write-${id}`, clientId: 'c', sequence, timestamp, collection: 'tasks', entityId: id };
  const operation = { ...made, type: 'create', entity, baseVersion: null } as const;
  const { state } = transition(unknownEntity, { type: 'write', operation });
  return { collection: 'tasks', id, state, page: 0 };
}

function globalOutbox(...slots: readonly EntitySlot[]) {
  const outbox = createOutbox({
    order: 'global',
    references: { isHeld: () => false, isBehindRefused: () => false, update: () => [] },
    isDurable: () => true,
    ready: () => undefined,
    laneChanged: () => undefined,
  });
  for (const slot of slots) outbox.update(slot);
  return outbox;
}

test('G5 under global order a lost outcome is asked for at its time, also while the entity is still held by an earlier round', () => {
  const slot = written('1', 1);
  const outbox = globalOutbox(slot);
  expect(outbox.take(1, 0)).toEqual([slot]);
  outbox.change(slot, { asking: true, unknown: true, notBefore: 500 });
  expect(outbox.nextDeadline()).toBe(500);
});

test('G5 under global order nothing else has a time of its own while an entity is on its way', () => {
  const [first, second] = [written('1', 1), written('2', 2)];
  const outbox = globalOutbox(first, second);
  expect(outbox.take(1, 0)).toEqual([first]);
  outbox.change(second, { notBefore: 500 });
  expect(outbox.nextDeadline()).toBe(null);
  outbox.release(first, outbox.era);
  outbox.change(first, { notBefore: 300 });
  expect(outbox.nextDeadline()).toBe(300);
});
