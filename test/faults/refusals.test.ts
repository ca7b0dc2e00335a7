import { afterEach, describe, expect, test } from 'vitest';
import type { SyncOptions } from '../../src/index.ts';
import { applied, keysOf, problem, signed } from './answers.ts';
import { createFaultWorld, othersToken, type FaultWorld, type FaultWorldOptions } from './fault-world.ts';
import type { Exchange } from './gateway.ts';
import { watch } from '../support/service-world.ts';

let world: FaultWorld;
afterEach(() => world.close());

async function start(options: FaultWorldOptions = {}, given: SyncOptions = { conflict: 'manual' }) {
  world = await createFaultWorld(options);
  return world.open(given);
}

const sizes = () => world.gateway.writes().map((exchange) => keysOf(exchange).length);
const idsOf = ({ body }: Exchange) =>
  (JSON.parse(body) as { requests: readonly { entityId: string }[] }).requests.map(({ entityId }) => entityId);

interface Result {
  readonly idempotencyKey: string;
}

/** The backend works on a batch; its list of results is changed on the way back. */
const rewritten =
  (change: (results: readonly Result[]) => readonly unknown[]) =>
  async (_: Exchange, apply: () => Promise<Response>) => {
    const { results } = (await (await apply()).json()) as { results: readonly Result[] };
    return signed(200, { results: change(results) });
  };

const schema = {
  '~standard': {
    version: 1 as const,
    vendor: 'test',
    validate: (value: unknown) =>
      (value as { title?: string }).title === 'invalid'
        ? { issues: [{ message: 'not a title', path: ['title'] }] }
        : { value },
  },
};

describe('one operation that is refused', () => {
  test.each([
    ['400', 'invalid', () => problem(400, 'malformed-request', { detail: 'no' }), { code: 'rejected', status: 400 }],
    ['403 of its permissions', 'secret', null, { code: 'forbidden', status: 403 }],
    [
      '422 of its schema',
      'invalid',
      null,
      { code: 'rejected', status: 422, detail: { issues: [{ path: '/title', message: 'not a title' }] } },
    ],
  ])('G7 G8 %s parks with the problem, and the others go on', async (_, title, answer, error) => {
    const sync = await start({
      server: {
        validate: { tasks: schema },
        authorize: (_principal, action, _collection, entity) =>
          action === 'read' || (entity as { title?: string } | null)?.title !== 'secret',
      },
    });
    if (answer) world.gateway.once('write', answer);
    const tasks = sync.collection('tasks');
    tasks.put({ id: 'refused', title });
    await world.settle();
    tasks.put({ id: 'refused-too', title: answer ? 'fine' : title });
    tasks.put({ id: 'other', title: 'fine' });
    await world.advance(3_600_000);
    expect(sync.queue.parked()[0]).toMatchObject({ entityId: 'refused', status: 'parked', error });
    expect(sync.getSnapshot()).toMatchObject({ pending: 0, parked: answer ? 1 : 2, conflicts: 0 });
    expect(await world.entity('other')).toEqual({ id: 'other', title: 'fine' });
    expect(tasks.get('refused')).toMatchObject({ title });
  });

  test('G5 is retried, edited, discarded or exported by the app, and what waits behind it follows', async () => {
    const sync = await start({ server: { validate: { tasks: schema } } });
    const tasks = sync.collection('tasks');
    for (const id of ['retried', 'edited', 'discarded']) tasks.put({ id, title: 'invalid' });
    await world.settle();
    const [retried, edited, discarded] = sync.queue.parked();
    expect(JSON.parse(await sync.queue.export())).toMatchObject([
      { entityId: 'retried', entity: { title: 'invalid' }, error: { code: 'rejected' } },
      { entityId: 'edited' },
      { entityId: 'discarded' },
    ]);
    await sync.queue.edit(edited!.id, { id: 'edited', title: 'fine' });
    await sync.queue.discard(discarded!.id);
    world.gateway.once('write', async (_, apply) => {
      schema['~standard'].validate = (value) => ({ value });
      return apply();
    });
    await sync.queue.retry(retried!.id);
    await world.advance(60_000);
    expect(sync.queue.size).toBe(0);
    expect(await Promise.all(['retried', 'edited', 'discarded'].map((id) => world.entity(id)))).toEqual([
      { id: 'retried', title: 'invalid' },
      { id: 'edited', title: 'fine' },
      undefined,
    ]);
    expect(tasks.get('discarded')).toBe(undefined);
  });
});

describe('what others did first', () => {
  test('G6 404 and 410 on an update are a deletion against an edit, on a deletion it is done', async () => {
    const sync = await start();
    const tasks = sync.collection('tasks');
    for (const id of ['edited', 'deleted', 'unknown']) tasks.put({ id, title: 'a' });
    await world.settle();
    for (const id of ['edited', 'deleted']) await world.edit(id, null);
    sync.pause();
    const gone = watch(tasks.delete('deleted').synced);
    tasks.patch('edited', { title: 'b' });
    tasks.patch('unknown', { title: 'b' });
    world.gateway.once(
      'write',
      rewritten((results) =>
        results.map(({ idempotencyKey }, index) =>
          index === 2
            ? {
                idempotencyKey,
                status: 404,
                problem: { type: 'urn:syncline:problem:not-found', title: 'x', status: 404 },
              }
            : results[index],
        ),
      ),
    );
    await world.settle();
    sync.resume();
    await world.advance(60_000);
    expect(gone()).toEqual({ is: 'resolved', value: null });
    expect(sync.conflicts.list()).toHaveLength(2);
    for (const record of sync.conflicts.list())
      expect(record).toMatchObject({ status: 'open', local: { title: 'b' }, remote: null, base: { title: 'a' } });
  });

  test('G2 409 on a create that is our own is its acknowledgement; G6 of somebody else, a conflict', async () => {
    const sync = await start();
    const tasks = sync.collection('tasks');
    const exists = async (id: string) => {
      const { body: current } = await world.api().get(`/v1/tasks/${id}`, { token: othersToken });
      return problem(409, 'exists', { current });
    };
    world.gateway.once(
      'write',
      applied(() => problem(500, 'internal')),
    );
    world.gateway.once('write', () => exists('own'));
    const own = watch(tasks.put({ id: 'own', title: 'a' }).synced);
    await world.advance(60_000);
    expect(own()).toMatchObject({ is: 'resolved', value: { title: 'a', version: 1 } });
    expect(world.gateway.writes().map(keysOf)).toEqual([[expect.any(String)], [expect.any(String)]]);
    expect(sync.conflicts.list()).toEqual([]);
    await world.edit('theirs', { title: 'theirs' });
    world.gateway.once('write', () => exists('theirs'));
    tasks.put({ id: 'theirs', title: 'ours' });
    await world.advance(60_000);
    expect(sync.conflicts.list()).toMatchObject([
      { entityId: 'theirs', status: 'open', base: null, local: { title: 'ours' }, remote: { title: 'theirs' } },
    ]);
    expect(sync.getSnapshot()).toMatchObject({ pending: 0, parked: 0, conflicts: 1 });
  });

  test('G6 the same id twice: here it is an update, from another client a conflict', async () => {
    const sync = await start();
    const tasks = sync.collection('tasks');
    await Promise.all([tasks.put({ id: '1', title: 'a' }).synced, world.settle()]);
    await Promise.all([tasks.put({ id: '1', title: 'b' }).synced, world.settle()]);
    expect(await world.entity('1')).toEqual({ id: '1', title: 'b' });
    const other = await world.open({ name: 'elsewhere', conflict: 'manual' });
    other.collection('tasks').put({ id: '1', title: 'c' });
    await world.advance(60_000);
    expect(other.conflicts.list()).toMatchObject([{ entityId: '1', base: null, remote: { title: 'b' } }]);
    expect(sync.conflicts.list()).toEqual([]);
  });

  test('G6 S19 412 is met at most 10 times in a row, and then a decision is awaited: nothing is discarded', async () => {
    const sync = await start({}, { conflict: 'client-wins' });
    const tasks = sync.collection('tasks');
    await Promise.all([tasks.put({ id: '1', n: 0 }).synced, world.settle()]);
    let theirs = 0;
    world.gateway.always('write', async (_, apply) => {
      theirs += 1;
      await world.edit('1', { n: 1_000 + theirs });
      return apply();
    });
    tasks.patch('1', { n: 1 });
    await world.advance(600_000);
    expect(theirs).toBe(11);
    expect(sync.getSnapshot()).toMatchObject({ pending: 0, parked: 0, conflicts: 1 });
    const open = sync.conflicts.list().find(({ status }) => status === 'open');
    expect(open).toMatchObject({ local: { n: 1 }, remote: { n: 1_011 } });
    world.gateway.always('write', null);
    await sync.conflicts.resolve(open!.id, 'local');
    await world.advance(60_000);
    expect(await world.entity('1')).toEqual({ id: '1', n: 1 });
  });

  test('G3 an update written while another of its entity is out stays behind it', async () => {
    const sync = await start();
    const tasks = sync.collection('tasks');
    let answer: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    world.gateway.once('write', async (_, apply) => held.then(apply));
    tasks.put({ id: '1', title: 'a', n: 1 });
    await world.settle();
    tasks.patch('1', { title: 'b' });
    const last = tasks.patch('1', { n: 2 });
    await world.advance(10_000);
    expect(world.gateway.writes().length).toBe(1);
    answer();
    await world.settle();
    expect(await last.synced).toMatchObject({ title: 'b', n: 2, version: 2 });
    expect(world.gateway.writes().map(({ method }) => method)).toEqual(['PUT', 'PATCH']);
    expect(sync.conflicts.list()).toEqual([]);
  });
});

describe('batches', () => {
  async function drainTogether(count: number, options: FaultWorldOptions = {}) {
    const sync = await start(options);
    sync.pause();
    const padding = 'x'.repeat(1_000);
    const writes = Array.from({ length: count }, (_, n) => sync.collection('tasks').put({ id: `${n}`, n, padding }));
    await world.settle();
    return { sync, writes };
  }

  test('G5 413 halves the batch until the backend takes it', async () => {
    const { sync } = await drainTogether(64, { server: { limits: { bodyBytes: 20_000 } } });
    sync.resume();
    await world.advance(60_000);
    expect(sync.getSnapshot()).toMatchObject({ pending: 0, parked: 0, error: null });
    const [first, second, third] = sizes();
    expect([first, second, third]).toEqual([64, 32, 16]);
    expect(sizes().reduce((sum, size) => sum + size, 0)).toBeLessThan(64 * 5);
  });

  test('G7 G8 413 of a single one parks that one', async () => {
    const { sync } = await drainTogether(7, { server: { limits: { bodyBytes: 20_000 } } });
    sync.collection('tasks').put({ id: 'huge', padding: 'x'.repeat(30_000) });
    await world.settle();
    sync.resume();
    await world.advance(60_000);
    expect(sync.queue.parked()).toMatchObject([{ entityId: 'huge', error: { code: 'too-large', status: 413 } }]);
    expect(sync.getSnapshot()).toMatchObject({ pending: 0, parked: 1 });
  });

  test.each([
    ['fewer', (results: readonly Result[]) => results.slice(0, 3)],
    ['none', () => []],
    ['reordered', (results: readonly Result[]) => results.toReversed()],
    ['doubled', (results: readonly Result[]) => [...results, ...results]],
    [
      'unknown',
      (results: readonly Result[]) => [
        { idempotencyKey: 'whose', status: 403, problem: {} },
        null,
        7,
        ...results,
        { status: 200 },
      ],
    ],
  ])('G2 results that are %s are matched by key, and what has none goes again', async (_, change) => {
    const { sync, writes } = await drainTogether(8);
    world.gateway.once('write', rewritten(change));
    sync.resume();
    await world.advance(60_000);
    expect((await Promise.all(writes.map(({ synced }) => synced))).map((entity) => entity?.['n'])).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7,
    ]);
    expect(sync.getSnapshot()).toMatchObject({ pending: 0, parked: 0, conflicts: 0, error: null });
    expect((await Promise.all(writes.map(({ synced }) => synced))).map((entity) => entity?.version)).toEqual(
      Array.from({ length: 8 }, () => 1),
    );
    expect(idsOf(world.gateway.writes()[0]!)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7']);
  });
});
