import { expect, test } from 'vitest';
import { ConflictError, RejectedError } from '../../../src/core/errors.ts';
import type { SyncRequest } from '../../../src/core/operation.ts';
import { createSeededNetwork } from '../../../src/testing/network/seeded-network.ts';
import { createSeededRandom } from '../../../src/testing/seeded-random.ts';
import { createVirtualClock } from '../../../src/testing/virtual-clock.ts';
import { drawWorldShape, noFaults, type FaultPlan, type WorldShape } from '../fault-plan.ts';
import { createDisk } from './disk.ts';
import { guardGlobals } from './guarded-globals.ts';
import { createProcess } from './process.ts';
import { createTrace } from './trace.ts';
import { createWorld, type World } from './world.ts';

const shape: WorldShape = { ...drawWorldShape(createSeededRandom(1)), versions: 'number', computedField: false };
const createTestWorld = (): World => createWorld({ seed: 1, plan: noFaults, shape });
const writer = { clientId: 'w' };

const create = (key: string, note: string): SyncRequest => ({
  idempotencyKey: key,
  type: 'create',
  collection: 'tasks',
  entityId: 'a',
  entity: { id: 'a', updatedAt: '2026-01-01T00:00:00.000Z', ...{ note } },
  baseVersion: null,
});
const update = (key: string, note: string, baseVersion: number): SyncRequest => ({
  idempotencyKey: key,
  type: 'update',
  collection: 'tasks',
  entityId: 'a',
  patch: [{ op: 'add', path: '/note', value: note }],
  baseVersion,
});
const thrownBy = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    return error;
  }
};

test('S4 the backend answers a repeated key as it did first, whatever has happened since', () => {
  const { backend } = createTestWorld();
  const first = backend.write(create('k1', 'one'), writer);
  backend.write(update('k2', 'two', 1), writer);
  expect(backend.write(create('k1', 'one'), writer)).toEqual(first);
  expect(backend.states('tasks', 'a').map(({ version }) => version)).toEqual([1, 2]);
});

test('S4 the backend refuses a key with other content', () => {
  const { backend, trace } = createTestWorld();
  backend.write(create('k1', 'one'), writer);
  expect(thrownBy(() => backend.write(create('k1', 'other'), writer))).toBeInstanceOf(RejectedError);
  expect(trace.violations).toEqual(['S1 key k1 came again with other content']);
});

test('S3 the backend refuses what was built on another version and shows what it has', () => {
  const { backend } = createTestWorld();
  backend.write(create('k1', 'one'), writer);
  backend.write(update('k2', 'two', 1), writer);
  const error = thrownBy(() => backend.write(update('k3', 'three', 1), writer));
  expect(error).toBeInstanceOf(ConflictError);
  expect((error as ConflictError).current).toEqual(backend.get('tasks', 'a'));
});

test('S38 a snapshot in pages, then the feed from where it began, is everything', () => {
  const { backend } = createTestWorld();
  for (const id of ['a', 'b', 'c']) {
    backend.write({ ...create(`k-${id}`, id), entityId: id, entity: { id, updatedAt: '' } }, writer);
  }
  const first = backend.feed.page('tasks', null, 2);
  backend.write(update('k2', 'two', 1), writer);
  const second = backend.feed.page('tasks', first.cursor, 2);
  const rest = backend.feed.page('tasks', second.cursor, 2);
  const ids = [first, second, rest].map(({ changes, hasMore, snapshot }) => [
    changes.map(({ id }) => id),
    hasMore,
    snapshot,
  ]);
  expect(ids).toEqual([
    [['a', 'b'], true, true],
    [['c'], false, true],
    [['a'], false, undefined],
  ]);
});

const callThroughLink = async (faults: Partial<FaultPlan>): Promise<{ handled: number; answers: unknown[] }> => {
  const clock = createVirtualClock(0);
  const link = createSeededNetwork({
    name: 'c1',
    clock,
    random: createSeededRandom(1),
    faults: () => ({ ...noFaults, ...faults }),
    isServerUp: () => true,
  });
  const process = createProcess('c1/1', clock);
  const answers: unknown[] = [];
  let handled = 0;
  const { signal } = new AbortController();
  link
    .call(process, 'call', () => (handled += 1), signal)
    .then(
      (value) => answers.push(value),
      () => answers.push('failed'),
    );
  await clock.advance(60_000);
  return { handled, answers };
};

test('G2 the network carries, loses, doubles and delays', async () => {
  expect(await callThroughLink({})).toEqual({ handled: 1, answers: [1] });
  expect(await callThroughLink({ requestsLost: 1 })).toEqual({ handled: 0, answers: ['failed'] });
  expect(await callThroughLink({ answersLost: 1 })).toEqual({ handled: 1, answers: ['failed'] });
  expect(await callThroughLink({ answersLost: 1, silent: 1 })).toEqual({ handled: 1, answers: [] });
  expect((await callThroughLink({ doubled: 1, maxDelayMs: 5_000 })).handled).toBe(2);
});

test('G1 a killed process hears nothing any more, a frozen one hears it when it thaws', async () => {
  const clock = createVirtualClock(0);
  const heard: string[] = [];
  const processes = ['killed', 'frozen'].map((name) => {
    const process = createProcess(name, clock);
    process.clock.setTimeout(() => heard.push(name), 10);
    return process;
  });
  processes[0]?.kill();
  processes[1]?.freeze();
  await clock.advance(100);
  expect(heard).toEqual([]);
  processes[1]?.thaw();
  await clock.advance(1);
  expect([heard, processes.map(({ open }) => open.timers)]).toEqual([['frozen'], [0, 0]]);
});

test('G1 a crash after a step: the step is on the disk, its caller never hears of it', async () => {
  const clock = createVirtualClock(0);
  const trace = createTrace(clock.now);
  const faults = { storageErrors: 0, storageStalls: 0 };
  const disk = createDisk({ name: 'c1', clock, random: createSeededRandom(3), trace, faults });
  const process = createProcess('c1/1', clock);
  const storage = disk.open(process);
  const told: string[] = [];
  disk.crashAt(2, process.kill);
  for (const key of ['a', 'b', 'c']) void storage.setItem(key, 1).then(() => told.push(key));
  await clock.advance(1_000);
  expect(told).toEqual(['a']);
  expect([...disk.content.keys()].slice(0, 2)).toEqual(['a', 'b']);
});

test('G23 real time, chance and network are out of reach during a run', () => {
  const refused: unknown[] = [];
  const restore = guardGlobals((error) => refused.push(error));
  const attempts = [Date.now, () => new Date(), Math.random, () => setTimeout(() => undefined, 1), () => fetch('x')];
  const errors = attempts.map((attempt) => thrownBy(attempt));
  const allowed = new Date(0).toISOString();
  restore();
  expect(errors).toEqual(refused);
  expect(refused.length).toBe(attempts.length);
  expect(allowed).toBe('1970-01-01T00:00:00.000Z');
  expect(Date.now()).toBeGreaterThan(0);
});
