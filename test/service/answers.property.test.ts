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
  type SyncEvent,
} from '../../src/index.ts';
import { commandsOf, expectSeen, runAsyncProperty } from '../core/run-property.ts';
import { answerWith, loseAnswer, loseRequest, neverAnswer, refuseWith } from '../../src/testing/backend/answers.ts';
import type { Answer } from '../../src/testing/backend/planned-api-client.ts';
import { createServiceWorld, watch } from '../support/service-world.ts';

const fromBackend: Answer = (_, apply) => apply();

const answers: Readonly<Record<string, Answer>> = {
  ok: fromBackend,
  'lost answer': loseAnswer,
  'lost request': loseRequest,
  never: neverAnswer,
  'thrown string': refuseWith('401'),
  'thrown undefined': refuseWith(undefined),
  undefined: answerWith(undefined),
  nonsense: answerWith({ entity: { id: 'x' }, version: {} }),
  html: answerWith('<html>'),
  'broken JSON': refuseWith(new SyntaxError('Unexpected end of JSON input')),
  'a list': answerWith([]),
  400: refuseWith(new RejectedError({ status: 400 })),
  401: refuseWith(new UnauthorizedError()),
  403: refuseWith(new ForbiddenError()),
  404: refuseWith(new NotFoundError()),
  409: refuseWith(new RejectedError({ status: 409 })),
  412: async (call, apply) => {
    if (call.method === 'batch' || call.method === 'probe') return apply();
    const entity = { id: call.id, updatedAt: '2026-01-01T00:00:00Z', n: -1 };
    throw new ConflictError({ current: { entity, version: 900 } });
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
};

interface Step {
  readonly answer: string;
  readonly write: { readonly id: string; readonly kind: 'put' | 'delete'; readonly n: number } | null;
  readonly waitMs: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  answer: fc.constantFrom(...Object.keys(answers)),
  write: fc.option(
    fc.record({
      id: fc.constantFrom('a', 'b', 'c'),
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
  restartAt: fc.option(fc.nat(20)),
});

describe('answers of every kind', () => {
  it('G7 remove no operation but by acknowledgement, and G5 leave nothing stuck', async () => {
    let writes = 0;
    let refusals = 0;
    await runAsyncProperty(
      fc.asyncProperty(scenario, async ({ steps, restartAt, order, ...backend }) => {
        const world = createServiceWorld({ ...backend, changes: false });
        const ended = new Set<string>();
        const note = (event: SyncEvent) => {
          if (event.type === 'operation.acknowledged' || event.type === 'operation.superseded')
            ended.add(event.operation.id);
        };
        const open = async () => {
          const service = world.create({ order, conflict: 'manual' });
          service.events$.subscribe(note);
          await service.ready;
          await world.settle();
          return service;
        };
        let sync = await open();
        const written: { id: string; entityId: string; synced: ReturnType<typeof watch> }[] = [];

        /** Nothing may be gone from the queue that has not ended, or was absorbed by a later one of its entity. */
        const expectNothingLost = () => {
          const queued = new Set(sync.queue.list().map(({ id }) => id));
          const accounted = written.map(
            ({ id, synced }) => queued.has(id) || ended.has(id) || synced().is === 'resolved',
          );
          const lost = written.filter(
            ({ entityId }, index) =>
              !written.some((later, at) => at >= index && later.entityId === entityId && accounted[at]),
          );
          expect(lost.map(({ id }) => id)).toEqual([]);
        };

        for (const [index, { answer, write, waitMs }] of steps.entries()) {
          for (const method of ['write', 'get', 'probe'] as const) world.backend.always(method, answers[answer]!);
          if (write) {
            const tasks = sync.collection('tasks');
            const made = write.kind === 'put' ? tasks.put({ id: write.id, n: write.n }) : tasks.delete(write.id);
            if (made.operationId)
              written.push({ id: made.operationId, entityId: write.id, synced: watch(made.synced) });
          }
          await world.advance(waitMs);
          expectNothingLost();
          if (index === restartAt) {
            await sync.close();
            sync = await open();
            expectNothingLost();
          }
        }
        writes += written.length;
        refusals += sync.queue.parked().length;

        for (const method of ['write', 'get', 'probe'] as const) world.backend.always(method, null);
        for (const operation of sync.queue.parked()) await sync.queue.discard(operation.id).catch(() => undefined);
        for (const { id, status } of sync.conflicts.list())
          if (status === 'open') await sync.conflicts.resolve(id, 'remote');
        sync.authRenewed();
        world.setOnLine(true);
        await world.advance(600_000);
        for (const { id, status } of sync.conflicts.list())
          if (status === 'open') await sync.conflicts.resolve(id, 'remote');
        await world.advance(600_000);
        expect(sync.getSnapshot()).toMatchObject({ pending: 0, blockers: [] });
        sync.collection('tasks').put({ id: 'last', n: 1 });
        await world.advance(120_000);
        expect(sync.getSnapshot()).toMatchObject({ pending: 0, blockers: [], auth: 'authorized' });
        if (backend.idempotent) expect(new Set(world.backend.effects).size).toBe(world.backend.effects.length);
        await world.closeAll();
      }),
      200,
    );
    expectSeen(writes, 300);
    expectSeen(refusals, 20);
  });
});
