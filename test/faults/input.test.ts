import { afterEach, describe, expect, test } from 'vitest';
import { createFaultWorld, type FaultWorld } from './fault-world.ts';

let world: FaultWorld;
afterEach(() => world.close());

const unusual = ['__proto__', 'constructor', 'toString', '😀', 'a/b', '../x', '...', '%2F', 'a b?c#d', 'é'.repeat(128)];

const cycle: Record<string, unknown> = { id: '1' };
cycle['self'] = cycle;
let deep: unknown = 1;
for (let level = 0; level < 70; level += 1) deep = { deep };

describe('what the app writes', () => {
  test('G22 ids of any kind are plain data, from the app over disk and wire to the server and to others', async () => {
    world = await createFaultWorld();
    const sync = await world.open({ collections: { tasks: {} } });
    sync.pause();
    const tasks = sync.collection('tasks');
    await Promise.all(unusual.map((id) => tasks.put({ id, title: id }).durable));
    await sync.close();
    const again = await world.open({ collections: { tasks: {} } });
    expect(again.collection('tasks').count()).toBe(unusual.length);
    await world.advance(60_000);
    expect(again.getSnapshot()).toMatchObject({ pending: 0, parked: 0 });
    for (const id of unusual) again.collection('tasks').patch(id, { __proto__: null, title: `${id}!` });
    await world.advance(60_000);
    const other = await world.open({ name: 'elsewhere', collections: { tasks: {} } });
    await world.advance(1_000);
    expect(
      other
        .collection('tasks')
        .list()
        .map(({ id, title }) => [id, title]),
    ).toEqual(unusual.toSorted((a, b) => (a < b ? -1 : 1)).map((id) => [id, `${id}!`]));
    expect(({} as Record<string, unknown>)['title']).toBe(undefined);
    for (const id of unusual) again.collection('tasks').delete(id);
    await world.advance(60_000);
    expect(await Promise.all(unusual.map((id) => world.entity(id)))).toEqual(unusual.map(() => undefined));
  });

  async function open() {
    world = await createFaultWorld();
    const sync = await world.open({ collections: { tasks: {} } });
    await world.advance(5_000);
    const stored = await world.storage.keys();
    const untouched = async () => {
      await world.advance(5_000);
      expect([sync.collection('tasks').count(), sync.queue.size, world.gateway.writes()]).toEqual([0, 0, []]);
      expect(await world.storage.keys()).toEqual(stored);
    };
    return { sync, untouched };
  }

  test.each<[string, unknown]>([
    ['missing', undefined],
    ['null', null],
    ['a number', 7],
    ['empty', ''],
    ['.', '.'],
    ['..', '..'],
    ['longer than 256 characters', 'x'.repeat(257)],
    ['longer than 256 bytes', 'é'.repeat(129)],
    ['ill-formed Unicode', '\ud800'],
  ])('G22 S42 an id that is %s is refused before anything is shown or stored', async (_, id) => {
    const { sync, untouched } = await open();
    expect(() => sync.collection('tasks').put({ id } as never)).toThrow(
      expect.objectContaining({ name: 'SyncError', code: 'invalid-id' }),
    );
    await untouched();
  });

  test.each<[string, object, string, string]>([
    ['a Date', { id: '1', at: { due: new Date(0) } }, 'invalid-entity', '/at/due'],
    ['a Map', { id: '1', rows: [1, new Map()] }, 'invalid-entity', '/rows/1'],
    ['a BigInt', { id: '1', n: 1n }, 'invalid-entity', '/n'],
    ['NaN', { id: '1', n: NaN }, 'invalid-entity', '/n'],
    ['Infinity', { id: '1', n: -Infinity }, 'invalid-entity', '/n'],
    ['undefined in a list', { id: '1', rows: [1, undefined] }, 'invalid-entity', '/rows/1'],
    ['a function', { id: '1', run: () => 1 }, 'invalid-entity', '/run'],
    ['a cycle', cycle, 'invalid-entity', '/self'],
    ['70 levels', { id: '1', deep }, 'too-large', '/deep'],
    ['more than 1 MiB', { id: '1', text: 'x'.repeat(1_100_000) }, 'too-large', ''],
  ])('G15 G22 %s is refused with its place, and nothing of it is shown or stored', async (_, entity, code, path) => {
    const { sync, untouched } = await open();
    let thrown: unknown;
    try {
      sync.collection('tasks').put(entity as never);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ name: 'SyncError', code });
    expect((thrown as { path?: string }).path ?? '').toMatch(new RegExp(`^${path}`));
    await untouched();
  });
});
