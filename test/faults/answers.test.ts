import { afterEach, describe, expect, test } from 'vitest';
import { applied, foreign, keysOf, problem, requestLost, signed, silence } from './answers.ts';
import { createFaultWorld, type FaultWorld, type FaultWorldOptions } from './fault-world.ts';
import type { Interference } from './gateway.ts';
import { watch } from '../support/service-world.ts';

let world: FaultWorld;
afterEach(() => world.close());

async function start(options?: FaultWorldOptions) {
  world = await createFaultWorld(options);
  return world.open({ conflict: 'manual' });
}

const stamp = '2026-01-01T00:00:00.000Z';
const record = { entity: { id: '1', title: 'a', updatedAt: stamp, version: 1 }, version: 1, deleted: false };
const json = { 'Content-Type': 'application/json' };
const loginPage = foreign.bind(null, 200, '<!doctype html><form>Sign in to the network</form>');

const noAnswers: readonly [string, () => Response][] = [
  ['broken JSON', () => signed(200, '{"entity":{"id":"1",')],
  ['nothing', () => signed(200, '')],
  ['204', () => new Response(null, { status: 204, headers: { 'Sync-Protocol': '1' } })],
  ['another shape', () => signed(200, { ok: true })],
  ['a list', () => signed(200, [record])],
  ['another entity', () => signed(200, { ...record, entity: { ...record.entity, id: '2' } })],
  ['a record that a cache kept, without the sign', () => foreign(200, JSON.stringify(record), json)],
];

describe('a 2xx that is no answer', () => {
  test.each(noAnswers)('G12 %s acknowledges nothing, and the same request goes again', async (_, answer) => {
    const sync = await start();
    world.gateway.once('write', answer);
    world.gateway.once('write', answer);
    const synced = watch(sync.collection('tasks').put({ id: '1', title: 'a' }).synced);
    await world.settle();
    expect([synced(), sync.getSnapshot()]).toMatchObject([
      { is: 'open' },
      { pending: 1, parked: 0, conflicts: 0, error: { code: 'bad-response' } },
    ]);
    expect(await world.entity('1')).toBe(undefined);
    await world.advance(300_000);
    expect(synced()).toMatchObject({ is: 'resolved', value: { title: 'a', version: 1 } });
    expect(await world.entity('1')).toEqual({ id: '1', title: 'a' });
    expect(new Set(world.gateway.writes().flatMap(keysOf)).size).toBe(1);
    expect(sync.getSnapshot()).toMatchObject({ pending: 0, error: null });
  });

  test.each(noAnswers)('G2 %s in place of an answer: it took effect, and takes none again', async (_, answer) => {
    const sync = await start();
    world.gateway.once('write', applied(answer));
    const write = sync.collection('tasks').put({ id: '1', title: 'a' });
    await world.advance(300_000);
    expect(await write.synced).toMatchObject({ title: 'a', version: 1 });
    expect(sync.conflicts.list()).toEqual([]);
  });
});

describe('a captive portal', () => {
  test('G12 G5 holds everything until the probe hears its own nonce, and nobody has to do anything', async () => {
    const sync = await start();
    world.gateway.always('any', () => loginPage());
    const synced = watch(sync.collection('tasks').put({ id: '1', title: 'a' }).synced);
    await world.advance(600_000);
    expect(sync.getSnapshot()).toMatchObject({
      connectivity: 'captive',
      blockers: ['captive'],
      pending: 1,
      parked: 0,
      error: { code: 'captive-portal' },
    });
    expect(sync.isOnline()).toBe(false);
    expect(world.gateway.writes().length).toBeLessThanOrEqual(1);

    const oldNonce = signed(200, { nonce: '0'.repeat(32), epoch: 'life-1', protocol: 'sync.v1' });
    world.gateway.always('any', () => oldNonce.clone());
    await world.advance(300_000);
    expect([sync.getSnapshot().connectivity, synced().is]).toEqual(['captive', 'open']);

    world.gateway.always('any', null);
    await world.advance(120_000);
    expect(synced()).toMatchObject({ is: 'resolved', value: { version: 1 } });
    expect(sync.getSnapshot()).toMatchObject({ connectivity: 'online', blockers: [], pending: 0, error: null });
  });

  test('G12 an app that starts behind one shows what it has, and says why nothing is sent', async () => {
    world = await createFaultWorld();
    world.gateway.always('any', () => loginPage());
    const sync = await world.open();
    expect(await sync.syncEntity('tasks', { id: '1', title: 'a' })).toMatchObject({ id: '1', title: 'a' });
    expect(sync.collection('tasks').get('1')).toMatchObject({ title: 'a' });
    expect(sync.getSnapshot()).toMatchObject({ blockers: ['captive'], pending: 1, stalled: false });
    expect(world.gateway.writes()).toEqual([]);
  });
});

function withDate(answer: Response, date: string): Response {
  answer.headers.set('Date', date);
  return answer;
}

const hourMs = 3_600_000;
const retryAfter: readonly [string, string, number][] = [
  ['seconds', '120', 120_000],
  ['no time', '0', 0],
  ['a date that has passed', 'Wed, 31 Dec 2025 23:00:00 GMT', 0],
  ['a date in the year 9999', 'Fri, 31 Dec 9999 23:59:59 GMT', hourMs],
  ['a year of seconds', '31536000', hourMs],
  ['a negative number', '-120', 0],
  ['nonsense', 'soon', 0],
];

describe('Retry-After', () => {
  test.each(retryAfter)('G13 of %s (%j) is the floor under full jitter', async (_, header, floorMs) => {
    for (const status of [429, 503]) {
      const sync = await start({ random: () => 0.5 });
      world.gateway.once('write', () => problem(status, 'busy', {}, { 'Retry-After': header }));
      sync.collection('tasks').put({ id: '1', title: 'a' });
      await world.settle();
      expect(sync.getSnapshot()).toMatchObject({ connectivity: 'online', queue: 'backing-off', pending: 1 });
      await world.advance(hourMs + 1_000);
      const [first, second, ...more] = world.gateway.writes();
      expect([more, (second?.at ?? 0) - (first?.at ?? 0)]).toEqual([[], floorMs + 500]);
      expect(sync.getSnapshot()).toMatchObject({ pending: 0, nextRetryAt: null, error: null });
      if (status === 429) await world.close();
    }
  });

  test.each([
    ['that is right', 'Thu, 01 Jan 2026 00:00:00 GMT', 'Thu, 01 Jan 2026 00:02:00 GMT'],
    ['that is six hours late', 'Thu, 01 Jan 2026 06:00:00 GMT', 'Thu, 01 Jan 2026 06:02:00 GMT'],
    ['that is six hours early', 'Wed, 31 Dec 2025 18:00:00 GMT', 'Wed, 31 Dec 2025 18:02:00 GMT'],
  ])('G13 of a date is the floor on a device with a clock %s, to the second', async (_, date, until) => {
    const sync = await start({ random: () => 0.999 });
    world.gateway.always('any', async (_exchange, apply) => withDate(await apply(), date));
    world.gateway.once('write', () => problem(503, 'busy', {}, { Date: date, 'Retry-After': until }));
    sync.collection('tasks').put({ id: '1', title: 'a' });
    await world.advance(hourMs);
    const [first, second] = world.gateway.writes();
    const waitedMs = (second?.at ?? 0) - (first?.at ?? 0);
    expect(waitedMs).toBeGreaterThanOrEqual(120_000);
    expect(waitedMs).toBeLessThanOrEqual(122_000);
  });
});

const unknown: readonly [string, Interference, string][] = [
  ['500', () => problem(500, 'internal'), 'unavailable'],
  ['502 of a gateway', () => foreign(502, '<h1>Bad gateway</h1>'), 'unavailable'],
  ['no connection', requestLost, 'unavailable'],
  ['silence', silence, 'timeout'],
];

describe('an outcome that is not known', () => {
  test.each(unknown)(
    'G2 G5 after %s the same request goes again, for ever, with full jitter',
    async (_, fault, code) => {
      const sync = await start();
      world.gateway.always('write', fault);
      const synced = watch(sync.collection('tasks').put({ id: '1', title: 'a' }).synced);
      await world.advance(4 * hourMs);
      expect(sync.getSnapshot()).toMatchObject({ pending: 1, parked: 0, conflicts: 0, error: { code } });
      const times = world.gateway.writes().map(({ at }) => at);
      const delays = times.slice(1).map((at, index) => at - (times[index] ?? 0));
      expect(times.length).toBeGreaterThan(4 * 60);
      expect(Math.max(...delays)).toBeLessThan(3 * 60_000);
      expect(new Set(delays.map((delay) => Math.round(delay / 1_000))).size).toBeGreaterThan(20);
      world.gateway.always('write', null);
      await world.advance(3 * 60_000);
      expect(synced()).toMatchObject({ is: 'resolved', value: { version: 1 } });
      const sent = world.gateway.writes().map(({ body, headers }) => [body, headers.get('idempotency-key')]);
      expect(new Set(sent.map(String)).size).toBe(1);
      expect(sync.conflicts.list()).toEqual([]);
    },
  );

  test('G10 an answer that comes after that of the repeat is ignored', async () => {
    const sync = await start();
    let giveLate: () => void = () => undefined;
    world.gateway.once('write', async (_, apply) => {
      const answer = await apply();
      return new Promise((resolve) => {
        giveLate = () => resolve(answer);
      });
    });
    const tasks = sync.collection('tasks');
    await Promise.all([tasks.put({ id: '1', title: 'a' }).durable, world.advance(60_000)]);
    expect(sync.queue.size).toBe(0);
    tasks.patch('1', { title: 'b' });
    await world.settle();
    giveLate();
    await world.settle();
    expect(tasks.get('1')).toMatchObject({ title: 'b', version: 2 });
    expect(sync.getSnapshot()).toMatchObject({ pending: 0, conflicts: 0, error: null });
  });
});

describe('a configuration that is wrong', () => {
  test.each([
    ['415', () => problem(415, 'unsupported-media-type')],
    ['406', () => problem(406, 'not-acceptable')],
    ['another protocol', () => signed(200, record, { 'Sync-Protocol': '2' })],
  ])('G7 %s stops everything loudly, parks nothing, and is asked again when the app says so', async (_, answer) => {
    const sync = await start();
    world.gateway.always('write', answer);
    const writes = ['1', '2'].map((id) => sync.collection('tasks').put({ id, title: 'a' }));
    await world.advance(hourMs);
    expect(sync.getSnapshot()).toMatchObject({
      blockers: ['misconfigured'],
      pending: 2,
      parked: 0,
      stalled: false,
      error: { code: 'misconfigured' },
    });
    expect(world.gateway.writes().length).toBeLessThanOrEqual(2);
    world.gateway.always('write', null);
    sync.authRenewed();
    await world.advance(1_000);
    expect(await Promise.all(writes.map(({ synced }) => synced))).toMatchObject([{ id: '1' }, { id: '2' }]);
  });
});

describe('a gateway that answers for a backend that is away', () => {
  const gateways: readonly [string, number, string][] = [
    ['502', 502, 'text/html'],
    ['503', 503, 'text/plain'],
    ['404', 404, 'text/plain'],
    ['405', 405, 'text/plain'],
  ];

  test.each(gateways)('S26 %s is no answer: nothing is online, and everything is local', async (_, status, type) => {
    const sync = await start();
    world.gateway.always('any', () => foreign(status, 'upstream', { 'Content-Type': type }));
    const written = watch(sync.syncEntity('tasks', { id: '1', title: 'a' }));
    await world.advance(60_000);
    expect([written(), sync.isOnline(), sync.getSnapshot().pending]).toMatchObject([{ is: 'resolved' }, false, 1]);
  });

  test.each(gateways)(
    'G5 %s at the start stops nothing: the backend comes, and the queue goes on',
    async (_, status, type) => {
      world = await createFaultWorld();
      world.gateway.always('any', () => foreign(status, 'upstream', { 'Content-Type': type }));
      const sync = await world.open();
      const write = sync.collection('tasks').put({ id: '1', title: 'a' });
      await world.advance(10_000);
      expect(sync.getSnapshot()).toMatchObject({ pending: 1, parked: 0 });
      expect(sync.getSnapshot().connectivity).not.toBe('online');
      world.gateway.always('any', null);
      await world.advance(60_000);
      expect(await write.synced).toMatchObject({ title: 'a', version: 1 });
      expect(sync.getSnapshot()).toMatchObject({ connectivity: 'online', blockers: [], pending: 0, error: null });
    },
  );

  test.each(gateways)('G5 %s for a write alone is tried again by itself', async (_, status, type) => {
    const sync = await start();
    world.gateway.always('write', () => foreign(status, 'upstream', { 'Content-Type': type }));
    const write = sync.collection('tasks').put({ id: '1', title: 'a' });
    await world.advance(60_000);
    expect(sync.getSnapshot()).toMatchObject({ blockers: [], pending: 1, parked: 0 });
    world.gateway.always('write', null);
    await world.advance(300_000);
    expect(await write.synced).toMatchObject({ title: 'a', version: 1 });
  });
});
