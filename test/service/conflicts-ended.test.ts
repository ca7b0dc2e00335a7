import { Subject } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import { ForbiddenError, type ConflictRecord, type SyncEvent } from '../../src/index.ts';
import type { Engine } from '../../src/service/engine.ts';
import { executeRequest } from '../../src/service/tab-requests.ts';
import { unknownEntity } from '../../src/store/entity-state.ts';
import { createGate } from '../support/gate.ts';
import { codeOf, createServiceWorld, type ServiceWorld } from '../support/service-world.ts';

describe('a conflict that is open', () => {
  let world: ServiceWorld;
  afterEach(() => world.closeAll());

  it('G6 S16 outlives a refusal of the fetch beside which it was found', async () => {
    world = createServiceWorld({ changes: false, realTime: true });
    const { backend } = world;
    backend.edit('tasks', '1', { title: 'one' });
    const gate = createGate();
    backend.once('get', async () => {
      await gate.opened;
      throw new ForbiddenError();
    });
    const sync = await world.open({ collections: { tasks: { conflict: 'manual' } } });
    const told: SyncEvent['type'][] = [];
    sync.events$.subscribe(({ type }) => void told.push(type));
    sync.realTime.subscribe('tasks', () => undefined);
    await world.settle();
    const [socket] = backend.sockets;
    socket?.send({ type: 'open' });
    sync.collection('tasks').put({ id: '1', title: 'mine', version: 1 });
    await world.settle();
    const record = backend.edit('tasks', '1', { title: 'theirs' });
    socket?.send({ type: 'change', change: { collection: 'tasks', id: '1', record, baseVersion: 1 } });
    await world.runUntil(() => sync.conflicts.list().length > 0);
    const { id } = sync.conflicts.list()[0]!;
    gate.open();
    await world.settle();
    expect(sync.conflicts.list()).toMatchObject([{ id, status: 'open' }]);
    expect(sync.queue.parked()).toEqual([]);
    await sync.conflicts.resolve(id, 'local');
    await world.runUntil(() => sync.queue.size === 0);
    expect(backend.entity('tasks', '1')).toEqual({ id: '1', title: 'mine' });
    expect(told.filter((type) => type.startsWith('conflict'))).toEqual(['conflict.detected', 'conflict.resolved']);
  });
});

describe('a decision of the app', () => {
  /** What a decision looks at of a service, and a conflict that ends there. */
  function decide() {
    const slot = { collection: 'tasks', id: '1', state: unknownEntity, page: -1 };
    const open = new Map([['c', slot]]);
    const decisions = new Map();
    const changed$ = new Subject<void>();
    const resolved = new Map<string, ConflictRecord>();
    const engine = {
      conflicts: { slotOf: (id: string) => open.get(id) },
      replica: { resolved },
      data: { flush: async () => undefined },
      tellEntity: () => undefined,
      decisions,
      changed$,
    } as unknown as Engine;
    const decided = executeRequest(engine, { type: 'resolve', conflictId: 'c', choice: 'local' });
    const end = (record?: ConflictRecord) => {
      if (record) resolved.set('c', record);
      changed$.next();
      open.clear();
      changed$.next();
    };
    return { decided, decisions, changed$, end };
  }

  it('S16 ends with the record of its conflict', async () => {
    const { decided, changed$, end } = decide();
    end({} as ConflictRecord);
    await decided;
    expect(changed$.observed).toBe(false);
  });

  it('S16 ends where its conflict ended without one, and leaves nothing behind', async () => {
    const { decided, decisions, changed$, end } = decide();
    end();
    expect(await codeOf(decided)).toBe('unknown-operation');
    expect([decisions.size, changed$.observed]).toEqual([0, false]);
  });
});
