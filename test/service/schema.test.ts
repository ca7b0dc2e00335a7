import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AnyCollections, Collection, ConflictStrategy, ISyncService, StandardSchemaV1 } from '../../src/index.ts';
import { codeOf, createServiceWorld, type ServiceWorld } from '../support/service-world.ts';

interface Task {
  id: string;
  title: string;
  steps: readonly { readonly id: string; readonly text: string }[];
}

const schemaOf = (validate: StandardSchemaV1['~standard']['validate']): StandardSchemaV1 => ({
  '~standard': { version: 1, vendor: 'test', validate },
});

/** Every step needs a text. */
const taskSchema = schemaOf((value) => {
  const at = (value as Task).steps.findIndex(({ text }) => text === '');
  return at < 0 ? { value } : { issues: [{ message: 'a step needs a text', path: ['steps', { key: at }, 'text'] }] };
});

const good = { id: '1', title: 'a', steps: [{ id: 's', text: 'x' }] };
const bad = { id: '1', title: 'b', steps: [{ id: 's', text: '' }] };

describe('a schema', () => {
  let world: ServiceWorld;
  let sync: ISyncService<AnyCollections>;
  let tasks: Collection<Task>;
  beforeEach(async () => {
    world = createServiceWorld();
    sync = await world.open({ collections: { tasks: { schema: taskSchema } } });
    await world.advance(5_000);
    tasks = sync.collection('tasks');
  });
  afterEach(() => world.closeAll());

  async function openContested(conflict: ConflictStrategy): Promise<ISyncService<AnyCollections>> {
    const other = await world.open({ name: 'contested', conflict, collections: { tasks: { schema: taskSchema } } });
    other.collection('tasks').put(good);
    await world.settle();
    world.backend.edit('tasks', '1', { ...good, title: 'theirs' });
    other.collection('tasks').put({ ...good, title: 'ours' });
    await world.advance(5_000);
    return other;
  }

  const refused = expect.objectContaining({
    code: 'invalid-entity',
    collection: 'tasks',
    entityId: '1',
    path: '/steps/0/text',
    message: expect.stringContaining('a step needs a text'),
  });

  it('S20 refuses writes that do not fit, with the pointer, and nothing changes', async () => {
    tasks.put(good);
    expect(() => tasks.put(bad)).toThrow(refused);
    expect(() => tasks.patch('1', { steps: bad.steps })).toThrow(refused);
    expect(() => tasks.patch('1', (current) => ({ ...current, steps: bad.steps }))).toThrow(refused);
    await expect(sync.syncEntity('tasks', bad)).rejects.toEqual(refused);
    await sync.flush();
    await world.settle();
    expect(tasks.get('1')).toMatchObject(good);
    expect(world.backend.entity('tasks', '1')).toEqual(good);
    expect(world.backend.effects.length).toBe(1);
  });

  it('does not ask about other collections nor about deletions', () => {
    sync.collection('notes').put(bad);
    tasks.put(good);
    tasks.delete('1');
    expect(tasks.has('1')).toBe(false);
  });

  it('refuses what is loaded or handed in and does not fit, whole', async () => {
    world.backend.edit('tasks', '1', bad);
    await expect(tasks.load('1')).rejects.toEqual(refused);
    const record = (entity: Task) => ({ entity: { ...entity, updatedAt: '2026-01-01T00:00:00.000Z' }, version: 1 });
    expect(() => tasks.receive([record({ ...good, id: '2' }), record(bad)])).toThrow(refused);
    expect(tasks.list()).toEqual([]);
  });

  it('S20 refuses a decision that does not fit, and the conflict stays open', async () => {
    const other = await openContested('manual');
    const [open] = other.conflicts.list();
    await expect(other.conflicts.resolve(open?.id ?? '', bad)).rejects.toEqual(refused);
    expect(other.conflicts.list()).toMatchObject([{ status: 'open' }]);
    const decided = other.conflicts.resolve(open?.id ?? '', { ...good, title: 'both' });
    await world.settle();
    await decided;
    expect(world.backend.entity('tasks', '1')).toEqual({ ...good, title: 'both' });
  });

  it('S16 leaves a conflict to the app whose resolver gives what does not fit', async () => {
    const other = await openContested(() => ({ entity: { ...bad, updatedAt: '' } }));
    expect(other.conflicts.list()).toMatchObject([{ status: 'open', strategy: 'custom' }]);
    expect(other.collection('tasks').status('1')).toBe('conflicted');
    expect(world.backend.entity('tasks', '1')).toMatchObject({ title: 'theirs' });
  });

  it('that throws refuses the write', async () => {
    const cause = new TypeError('cannot read');
    const throwing = schemaOf(() => {
      throw cause;
    });
    const other = await world.open({ name: 'throwing', collections: { tasks: { schema: throwing } } });
    expect(() => other.collection('tasks').put(good)).toThrow(
      expect.objectContaining({ code: 'invalid-entity', entityId: '1', cause }),
    );
  });

  it('that answers later cannot guard a write that is shown at once', async () => {
    const late = await world.open({
      name: 'late',
      collections: { tasks: { schema: schemaOf(() => Promise.reject(new Error('late'))) } },
    });
    expect(() => late.collection('tasks').put(good)).toThrow(expect.objectContaining({ code: 'invalid-option' }));
    expect(await codeOf(late.syncEntity('tasks', good))).toBe('invalid-option');
  });
});
