import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  RejectedError,
  type ConflictStrategy,
  type ISyncService,
  type KeyValueStorage,
  type SyncOptions,
} from '../../src/index.ts';
import { loseAnswer, loseRequest } from '../../src/testing/backend/answers.ts';
import type { Answer } from '../../src/testing/backend/planned-api-client.ts';
import { createPlannedStorage, type PlannedStorage } from '../../src/testing/planned-storage.ts';
import { commandsOf, expectSeen, runAsyncProperty } from '../core/run-property.ts';
import { createServiceWorld, type ServiceWorld } from '../support/service-world.ts';

const exclude = ['/pin', '/card/number', '/keys/0/secret', '/2024', '/deep/a/b', '/bag', '/tilde~0~1'];

const text = fc.nat({ max: 3 }).map((number) => `plain-${number}`);
/** What no byte of may be stored: in values, in names, in rows, in numbers of one form. */
const secret = fc.oneof(
  fc.nat({ max: 3 }).map((number) => `canary-${number}`),
  fc.nat({ max: 3 }).map((number) => ({ [`canary-name-${number}`]: number, nested: ['canary-row'] })),
  fc.nat({ max: 3 }).map((number) => [`canary-in-array-${number}`, { id: 'canary-id' }]),
  fc.nat({ max: 3 }).map((number) => 770_077_007_700 + number),
);
const isTelling = (stored: string) => /canary|7700770077/.test(stored);

const optional = <T>(shape: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(shape, { requiredKeys: [], noNullPrototype: true });
/** An entity with secrets only where they are excluded. Parents come, go and change their type. */
const fields: fc.Arbitrary<Record<string, unknown>> = optional({
  name: text,
  pin: secret,
  card: fc.oneof({ weight: 4, arbitrary: optional({ owner: text, number: secret }) }, { weight: 1, arbitrary: text }),
  keys: fc.array(optional({ id: text, secret }), { maxLength: 2 }),
  2024: secret,
  deep: fc.oneof(optional({ a: fc.oneof(optional({ b: secret, c: text }), text), x: text }), text),
  bag: fc.oneof(secret, fc.dictionary(fc.constantFrom('canary-key', 'other'), secret, { maxKeys: 2 })),
  'tilde~/': secret,
});

type Fault = 'lost request' | 'lost answer' | 'refused' | 'slow';
type Command =
  | {
      readonly type: 'put' | 'patch' | 'edit' | 'receive';
      readonly id: string;
      readonly fields: Record<string, unknown>;
    }
  /** `back`: how many versions before the newest the form was opened on. */
  | { readonly type: 'form'; readonly id: string; readonly fields: Record<string, unknown>; readonly back: number }
  | { readonly type: 'delete' | 'remove' | 'load'; readonly id: string }
  | { readonly type: 'fault'; readonly fault: Fault; readonly secret: unknown }
  | { readonly type: 'decide'; readonly how: number; readonly fields: Record<string, unknown> }
  | { readonly type: 'pause' | 'resume' | 'pull' | 'restart' | 'wipe' | 'batch' }
  | { readonly type: 'wait'; readonly ms: number };

const id = fc.constantFrom('u', 'v');
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ type: fc.constantFrom('put', 'patch', 'edit', 'receive'), id, fields }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('form'), id, fields, back: fc.nat({ max: 3 }) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constantFrom('delete', 'remove', 'load'), id }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('fault'),
      fault: fc.constantFrom<Fault>('lost request', 'lost answer', 'refused', 'slow', 'slow'),
      secret,
    }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('decide'), how: fc.nat({ max: 6 }), fields }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constantFrom('pause', 'resume', 'pull', 'restart', 'wipe', 'batch') }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('wait'), ms: fc.constantFrom(0, 50, 60_000) }) },
) as fc.Arbitrary<Command>;

const strategy = fc.constantFrom<ConflictStrategy>(
  'merge',
  'last-write-wins',
  'client-wins',
  'server-wins',
  'manual',
  ({ local, remote }) => ({ entity: local && remote ? { ...remote, ...local } : (local ?? remote) }),
);

const seen = {
  stored: 0,
  pages: 0,
  seal: 0,
  conflict: 0,
  resolve: 0,
  park: 0,
  settle: 0,
  restarts: 0,
  lost: 0,
  against: 0,
};

/** A storage that looks at every value before it is stored, and tells of those that it should not see. */
function watched(storage: PlannedStorage, leaks: string[]): KeyValueStorage {
  return {
    ...storage,
    setItem(key, value) {
      const stored = `${key} ${String(value)}`;
      if (isTelling(stored)) leaks.push(stored);
      seen.stored += 1;
      if (key.includes('/page/')) seen.pages += 1;
      if (stored.includes('"against":{')) seen.against += 1;
      for (const step of ['seal', 'conflict', 'resolve', 'park', 'settle'] as const)
        if (stored.includes(`"type":"${step}"`)) seen[step] += 1;
      return storage.setItem(key, value);
    },
  };
}

const answers: Readonly<Record<Fault, (secret: unknown, world: ServiceWorld) => Answer>> = {
  slow: (_, world) => world.after(100),
  'lost request': () => loseRequest,
  'lost answer': () => loseAnswer,
  refused: (value) => () => {
    throw new RejectedError({ status: 422, message: `${JSON.stringify(value)} is refused`, detail: value as never });
  },
};

const quiet = (promise: Promise<unknown>) => void promise.catch(() => undefined);

async function decide(sync: ISyncService, how: number, entity: Record<string, unknown>): Promise<void> {
  const parked = sync.queue.parked()[0];
  const open = sync.conflicts.list().find(({ status }) => status === 'open');
  if (parked && how < 3) {
    const { id: operation, entityId } = parked;
    const decisions = [
      () => sync.queue.retry(operation),
      () => sync.queue.edit(operation, { ...entity, id: entityId } as never),
      () => sync.queue.discard(operation),
    ];
    quiet(decisions[how]?.() ?? Promise.resolve());
  } else if (open) {
    const choices = ['local', 'remote', { ...entity, id: open.entityId }, null] as const;
    quiet(sync.conflicts.resolve(open.id, choices[how % 4] as never));
  }
}

/** Closes the service and opens another on what is stored: what had changed an excluded field is parked by then (S32). */
async function restart(world: ServiceWorld, sync: ISyncService, options: SyncOptions): Promise<ISyncService> {
  await world.settle();
  const telling = sync.queue.list().filter(({ entity, patch }) => isTelling(JSON.stringify([entity, patch])));
  await sync.close();
  const left = telling.map((operation) => operation.id);
  const next = world.create(options);
  next.pause();
  await next.ready;
  seen.restarts += 1;
  for (const operation of next.queue.list().filter((each) => left.includes(each.id))) {
    seen.lost += 1;
    expect(operation, 'S32 a lost change is parked').toMatchObject({ status: 'parked' });
  }
  expect(isTelling(JSON.stringify([next.queue.list(), next.collection('users').list(), next.conflicts.list()]))).toBe(
    false,
  );
  next.resume();
  await world.settle();
  return next;
}

test('G17 S32 no excluded byte reaches the storage, whatever is written, answered, refused, contested or started again', async () => {
  await runAsyncProperty(
    fc.asyncProperty(commandsOf(command, 8), strategy, fc.boolean(), async (commands, conflict, idempotent) => {
      const storage = createPlannedStorage();
      const leaks: string[] = [];
      const world = createServiceWorld({ storage: watched(storage, leaks), idempotent });
      const options: SyncOptions = { collections: { users: { exclude, conflict } } };
      let sync = await world.open(options);
      for (const each of commands) {
        const users = sync.collection('users');
        switch (each.type) {
          case 'put':
            users.put({ ...each.fields, id: each.id });
            break;
          case 'form': {
            const newest = Number(world.backend.record('users', each.id)?.version ?? 0);
            users.put({ ...each.fields, id: each.id, version: Math.max(1, newest - each.back) });
            break;
          }
          case 'patch':
            if (users.has(each.id)) users.patch(each.id, each.fields);
            break;
          case 'remove':
            if (users.has(each.id))
              users.patch(each.id, { pin: undefined, card: undefined, bag: undefined, deep: undefined });
            break;
          case 'delete':
            users.delete(each.id);
            break;
          case 'edit':
            world.backend.edit('users', each.id, each.fields);
            break;
          case 'receive': {
            const record = world.backend.record('users', each.id);
            if (record?.entity) void users.receive([record]);
            break;
          }
          case 'batch':
            sync.batch(() => {
              users.put({ id: 'u', pin: 'canary-batch' });
              users.put({ id: 'v', bag: { 'canary-batch': 1 } });
            });
            break;
          case 'load':
            quiet(users.load(each.id));
            break;
          case 'pull':
            quiet(sync.pull());
            break;
          case 'fault':
            world.backend.once('write', answers[each.fault](each.secret, world));
            break;
          case 'decide':
            await decide(sync, each.how, each.fields);
            break;
          case 'pause':
            sync.pause();
            break;
          case 'resume':
            sync.resume();
            break;
          case 'restart':
            sync = await restart(world, sync, options);
            break;
          case 'wipe':
            await world.settle();
            storage.items.clear();
            world.signalPage('resumed');
            await world.advance(100);
            break;
          case 'wait':
            await world.advance(each.ms);
            break;
        }
      }
      await world.advance(60_000);
      await world.closeAll();
      expect(leaks).toEqual([]);
    }),
    200,
  );
  expectSeen(Math.min(...Object.values(seen)), 5);
});
