import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BadResponseError,
  CaptivePortalError,
  ConflictError,
  CursorExpiredError,
  EpochChangedError,
  ForbiddenError,
  MisconfiguredError,
  NotFoundError,
  RateLimitedError,
  RejectedError,
  TooLargeError,
  UnauthorizedError,
  UnavailableError,
  type AnyCollections,
  type BuiltInStrategy,
  type ISyncService,
  type SyncEvent,
} from '../../src/index.ts';
import { commandsOf, expectSeen, runAsyncProperty } from '../core/run-property.ts';
import { answerWith, loseAnswer, loseRequest, neverAnswer, refuseWith } from '../../src/testing/backend/answers.ts';
import type { Answer } from '../../src/testing/backend/planned-api-client.ts';
import { createVirtualClock } from '../../src/testing/virtual-clock.ts';
import { createFakeBackend, type FakeBackend } from '../support/fake-backend.ts';
import { createServiceWorld, watch } from '../support/service-world.ts';
import { fieldsOf } from './conflict-world.ts';

const fromBackend: Answer = (_, apply) => apply();

const answersOf = (backend: FakeBackend): Readonly<Record<string, Answer>> => ({
  ok: fromBackend,
  'lost answer': loseAnswer,
  'lost request': loseRequest,
  never: neverAnswer,
  'thrown string': refuseWith('401'),
  'thrown undefined': refuseWith(undefined),
  // Nothing is what an ApiClient may answer a deletion with.
  undefined: async (call, apply) => (call.method === 'delete' ? apply().then(() => undefined) : undefined),
  nonsense: answerWith({ entity: { id: 'x' }, version: {} }),
  html: answerWith('<html>'),
  'broken JSON': refuseWith(new SyntaxError('Unexpected end of JSON input')),
  'a list': answerWith([]),
  400: refuseWith(new RejectedError({ status: 400 })),
  401: refuseWith(new UnauthorizedError()),
  403: refuseWith(new ForbiddenError()),
  404: async (call, apply) => {
    if (call.method !== 'update' && call.method !== 'delete') return apply();
    if (backend.entity(call.collection, call.id)) backend.edit(call.collection, call.id, null);
    throw new NotFoundError();
  },
  409: refuseWith(new RejectedError({ status: 409 })),
  412: async (call, apply) => {
    if (call.id === '' || call.method === 'get') return apply();
    throw new ConflictError({ current: backend.edit(call.collection, call.id, { n: -1 }) });
  },
  413: refuseWith(new TooLargeError()),
  415: refuseWith(new MisconfiguredError({ status: 415 })),
  422: refuseWith(new RejectedError({ status: 422 })),
  429: refuseWith(new RateLimitedError({ retryAfterMs: 2_000 })),
  500: refuseWith(new UnavailableError({ status: 500 })),
  503: refuseWith(new UnavailableError({ status: 503, retryAfterMs: 1_000 })),
  'no connection': refuseWith(new UnavailableError()),
  'bad response': refuseWith(new BadResponseError()),
  captive: refuseWith(new CaptivePortalError()),
  'cursor expired': refuseWith(new CursorExpiredError()),
  'epoch changed': refuseWith(new EpochChangedError({ epoch: 'e1' })),
  'half the batch': async (call, apply) => {
    const answer = await apply();
    return Array.isArray(answer) ? answer.slice(0, answer.length >> 1) : answer;
  },
});

interface Step {
  readonly answer: string;
  readonly write: { readonly id: string; readonly kind: 'put' | 'delete'; readonly n: number } | null;
  readonly waitMs: number;
}

const ids = ['a', 'b', 'c'] as const;
const methods = ['write', 'get', 'probe'] as const;

const step: fc.Arbitrary<Step> = fc.record({
  answer: fc.constantFrom(...Object.keys(answersOf(createFakeBackend(createVirtualClock())))),
  write: fc.option(
    fc.record({
      id: fc.constantFrom(...ids),
      kind: fc.constantFrom('put' as const, 'put' as const, 'delete' as const),
      n: fc.integer({ min: 0, max: 5 }),
    }),
  ),
  waitMs: fc.constantFrom(0, 0, 10, 1_000, 40_000),
});

const scenario = fc.record({
  steps: commandsOf(step, 5),
  batch: fc.boolean(),
  probe: fc.boolean(),
  idempotent: fc.boolean(),
  order: fc.constantFrom('entity' as const, 'global' as const),
  conflict: fc.constantFrom<BuiltInStrategy>('manual', 'merge', 'last-write-wins', 'client-wins', 'server-wins'),
  restartAt: fc.option(fc.nat(20)),
});

/** What the backend had of each entity, one state after the other: `null` where it was gone. */
function createHistory(backend: FakeBackend) {
  const states = new Map<string, (Record<string, unknown> | null)[]>();
  return {
    had: (id: string) => states.get(id) ?? [],
    noting(answer: Answer): Answer {
      const note = () => {
        for (const id of ids) {
          const state = backend.entity('tasks', id) ?? null;
          const had = states.get(id) ?? [];
          if (JSON.stringify(had.at(-1) ?? null) !== JSON.stringify(state)) states.set(id, [...had, state]);
        }
      };
      return (call, apply) => {
        note();
        return answer(call, () => apply().finally(note));
      };
    },
  };
}

interface Written {
  readonly id: string;
  readonly entityId: string;
  readonly isDelete: boolean;
  readonly mark: number;
  readonly synced: ReturnType<typeof watch>;
}

describe('answers of every kind', () => {
  it('G7 remove no operation but by what the backend really did or a decision, and G5 leave nothing stuck', async () => {
    const seen = { writes: 0, refusals: 0, acknowledged: 0, superseded: 0 };
    await runAsyncProperty(
      fc.asyncProperty(scenario, async ({ steps, restartAt, order, conflict, ...options }) => {
        const world = createServiceWorld({ ...options, changes: false });
        const { backend } = world;
        const history = createHistory(backend);
        const answers = answersOf(backend);
        const ended = new Set<string>();
        const written: Written[] = [];
        const unseen: { readonly type: SyncEvent['type']; readonly operation: Written }[] = [];
        let sync: ISyncService<AnyCollections>;

        /** Whether the backend had what the operation, or a later one that carried it, makes of the entity. */
        const wasThere = ({ entityId, mark }: Written): boolean =>
          written.some(
            (later) =>
              later.entityId === entityId &&
              later.mark >= mark &&
              (later.isDelete
                ? backend.entity('tasks', entityId) === undefined || history.had(entityId).includes(null)
                : history.had(entityId).some((state) => state?.['mark'] === later.mark)),
          );
        const wasDecided = ({ entityId, mark }: Written): boolean =>
          sync.conflicts.list().some((record) => record.entityId === entityId) ||
          written.some((later) => later.isDelete && later.entityId === entityId && later.mark >= mark);
        /** What ended without the backend: no acknowledgement, and nothing else that nobody decided. */
        const untrue = () =>
          unseen.filter(({ type, operation }) => type === 'operation.acknowledged' || !wasDecided(operation));
        const note = (event: SyncEvent) => {
          if (event.type !== 'operation.acknowledged' && event.type !== 'operation.superseded') return;
          const { id, entityId } = event.operation;
          const operation = written.find((each) => each.id === id);
          ended.add(id);
          if (!operation) for (const each of written) if (each.entityId === entityId) ended.add(each.id);
          if (!operation) return;
          seen[event.type === 'operation.acknowledged' ? 'acknowledged' : 'superseded'] += 1;
          if (!wasThere(operation)) unseen.push({ type: event.type, operation });
        };
        const open = async () => {
          const service = world.create({ order, conflict });
          service.events$.subscribe(note);
          await service.ready;
          await world.settle();
          return service;
        };
        sync = await open();

        /** Nothing may be gone from the queue that has not ended, or was absorbed by a later one of its entity. */
        const expectNothingLost = () => {
          const queue = sync.queue.list();
          const queued = new Set(queue.map(({ id }) => id));
          const outcomes = queue.filter(({ id }) => !written.some((each) => each.id === id));
          const isDecided = (place: string) => outcomes.some(({ entityId }) => entityId === place);
          const accounted = written.map(
            ({ id, entityId, synced }) =>
              queued.has(id) || ended.has(id) || isDecided(entityId) || synced().is === 'resolved',
          );
          const lost = written.filter(
            ({ entityId }, index) =>
              !written.some((later, at) => at >= index && later.entityId === entityId && accounted[at]),
          );
          expect({ lost: lost.map(({ id }) => id), untrue: untrue() }).toEqual({ lost: [], untrue: [] });
        };

        for (const [mark, { answer, write, waitMs }] of steps.entries()) {
          for (const method of methods) backend.always(method, history.noting(answers[answer]!));
          if (write) {
            const tasks = sync.collection('tasks');
            const isDelete = write.kind === 'delete';
            const made = isDelete ? tasks.delete(write.id) : tasks.put({ id: write.id, n: write.n, mark });
            if (made.operationId)
              written.push({ id: made.operationId, entityId: write.id, isDelete, mark, synced: watch(made.synced) });
          }
          await world.advance(waitMs);
          expectNothingLost();
          if (mark === restartAt) {
            await sync.close();
            sync = await open();
            expectNothingLost();
          }
        }
        seen.writes += written.length;
        seen.refusals += sync.queue.parked().length;

        for (const method of methods) backend.always(method, history.noting(fromBackend));
        for (const operation of sync.queue.parked()) await sync.queue.discard(operation.id).catch(() => undefined);
        sync.authRenewed();
        world.setOnLine(true);
        for (let round = 0; round < 2; round += 1) {
          for (const { id, status } of sync.conflicts.list())
            if (status === 'open') await sync.conflicts.resolve(id, 'remote');
          await world.advance(600_000);
        }
        expect(sync.getSnapshot()).toMatchObject({ pending: 0, blockers: [] });
        expect(untrue()).toEqual([]);
        sync.collection('tasks').put({ id: 'last', n: 1 });
        await world.advance(120_000);
        expect(sync.getSnapshot()).toMatchObject({ pending: 0, blockers: [], auth: 'authorized' });
        for (const id of ids) {
          await sync.collection('tasks').load(id);
          expect(fieldsOf(sync.collection('tasks').get(id))).toEqual(fieldsOf(backend.record('tasks', id)?.entity));
        }
        if (options.idempotent) expect(new Set(backend.effects).size).toBe(backend.effects.length);
        await world.closeAll();
      }),
      200,
    );
    expectSeen(seen.writes, 2_000);
    expectSeen(seen.refusals, 50);
    expectSeen(seen.acknowledged, 500);
    expectSeen(seen.superseded, 50);
  });
});
