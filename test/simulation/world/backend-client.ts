import {
  BadResponseError,
  RateLimitedError,
  RejectedError,
  UnauthorizedError,
  UnavailableError,
} from '../../../src/core/errors.ts';
import type { SyncRequest } from '../../../src/core/operation.ts';
import type { ServerRecord } from '../../../src/core/record.ts';
import type { ApiClient, RequestContext, RequestOutcome } from '../../../src/ports/api-client.ts';
import type { Clock } from '../../../src/ports/environment.ts';
import type { SeededNetwork } from '../../../src/testing/network/seeded-network.ts';
import type { SeededRandom } from '../../../src/testing/seeded-random.ts';
import type { FaultPlan, WorldShape } from '../fault-plan.ts';
import type { Backend } from './backend.ts';
import type { VirtualProcess } from './process.ts';
import type { Exchanges } from './exchanges.ts';
import { summaryOf } from './simulated-entity.ts';
import type { ReferenceWatch } from '../reference-watch.ts';
import type { ToldByBackend } from '../told-by-backend.ts';
import type { Trace } from './trace.ts';
import type { WriteWatch } from './write-watch.ts';

/** What one process reaches the backend with. */
export interface BackendClientOptions {
  readonly process: VirtualProcess;
  readonly backend: Backend;
  readonly link: SeededNetwork;
  /** The backend's. */
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly trace: Trace;
  readonly faults: () => FaultPlan;
  readonly shape: WorldShape;
  readonly isAuthorized: () => boolean;
  readonly watch: WriteWatch;
  readonly references: ReferenceWatch;
  readonly exchanges: Exchanges;
  readonly told: ToldByBackend;
}

/** The backend as one process reaches it: over its link, with the capabilities that the world's shape says. */
export function createBackendClient(options: BackendClientOptions): ApiClient {
  const { process, backend, link, clock, random, trace, faults, shape, watch, references, exchanges, told } = options;
  let clockOffsetMs: number | null = null;

  const admit = (): void => {
    if (!options.isAuthorized()) {
      trace.fault('token expired', process.name);
      throw new UnauthorizedError();
    }
    if (!random.chance(faults().unavailable)) return;
    trace.fault('unavailable', process.name);
    throw random.chance(0.5)
      ? new UnavailableError({ status: 503 })
      : new RateLimitedError({ retryAfterMs: random.int(5_000) });
  };
  const spoil = <T>(answer: T): T => {
    if (!random.chance(faults().nonsense)) return answer;
    trace.fault('nonsense', process.name);
    const nonsense = random.pick<unknown>(['<html>', { entity: 7 }, new BadResponseError()]);
    if (nonsense instanceof Error) throw nonsense;
    return nonsense as T;
  };
  /** Every answer tells the backend's time, as the `Date` of an HTTP answer does. */
  const send = async <T>(label: string, context: RequestContext, handle: () => T): Promise<T> => {
    const { value, answeredAtMs } = await link.call(
      process,
      label,
      () => {
        admit();
        return { value: spoil(handle()), answeredAtMs: clock.now() };
      },
      context.signal,
    );
    clockOffsetMs = answeredAtMs - process.clock.now();
    told.note(value);
    return value;
  };
  const write = async (
    requests: readonly SyncRequest[],
    context: RequestContext,
  ): Promise<readonly RequestOutcome[]> => {
    const sent = structuredClone(requests);
    const label = sent.map(describe).join(', ');
    if (process.isAlive) references.sent(sent);
    if (process.isAlive) exchanges.sent(sent, process);
    const end = process.isAlive ? watch.begin(sent) : (): void => undefined;
    try {
      const outcomes = await send(label, context, () => sent.map((request) => apply(request, context)));
      trace.note(`${process.name} got an answer to ${label}`);
      for (const outcome of Array.isArray(outcomes) ? (outcomes as readonly RequestOutcome[]) : [])
        if ('record' in outcome) exchanges.answered(outcome.idempotencyKey);
        else exchanges.refused(outcome.idempotencyKey);
      if (Array.isArray(outcomes)) told.noteOutcomes(sent, outcomes as readonly RequestOutcome[]);
      return outcomes;
    } catch (error) {
      exchanges.failed(sent, error);
      throw error;
    } finally {
      end();
    }
  };
  const apply = (request: SyncRequest, context: RequestContext): RequestOutcome => {
    const { idempotencyKey } = request;
    try {
      const record = backend.write(request, context);
      trace.note(
        `backend answers ${describe(request)} with ${record.version ?? 'no version'}: ${summaryOf(record.entity)}`,
      );
      return { idempotencyKey, record };
    } catch (error) {
      trace.note(`backend refuses ${describe(request)}: ${(error as Error).message}`);
      return { idempotencyKey, error };
    }
  };
  const writeOne = async (
    request: Omit<SyncRequest, 'idempotencyKey'>,
    context: RequestContext,
  ): Promise<ServerRecord> => {
    if (context.idempotencyKey === undefined) throw new RejectedError({ status: 400 });
    const outcomes = await write([{ ...request, idempotencyKey: context.idempotencyKey }], context);
    if (!Array.isArray(outcomes)) return outcomes as unknown as ServerRecord;
    const outcome = outcomes[0] as RequestOutcome;
    if ('error' in outcome) throw outcome.error;
    return outcome.record;
  };

  const client: ApiClient = {
    get: async (collection, id, context) => {
      const { stops } = process;
      const shown = await send(`get ${collection}/${id}`, context, () => {
        const record = structuredClone(backend.get(collection, id));
        trace.note(`backend shows ${process.name} ${collection}/${id}@${record?.version}`);
        return { record, changes: backend.feed.position };
      });
      if (typeof shown !== 'object' || !('changes' in shown)) return shown as ServerRecord;
      const { record, changes } = shown;
      watch.lookedFor(exchanges.looked(collection, id, process, { changes, stops }));
      if (!record?.entity) told.noteAbsent(collection, id);
      return record;
    },
    create: (collection, entity, context) =>
      writeOne({ type: 'create', collection, entityId: entity.id, entity, baseVersion: null }, context),
    update: (collection, entityId, change, context) =>
      writeOne({ type: 'update', collection, entityId, ...change }, context),
    delete: (collection, entityId, change, context) =>
      writeOne({ type: 'delete', collection, entityId, ...change }, context),
    changes: (collection, { cursor, limit }, context) =>
      send(`changes ${collection} ${cursor}`, context, () => backend.feed.page(collection, cursor, limit)),
    capabilities: { idempotent: shape.backend === 'idempotent', orderedVersions: shape.versions === 'number' },
    clockOffsetMs: () => clockOffsetMs,
  };
  if (shape.batch) client.batch = write;
  if (shape.probe) client.probe = (context) => send('probe', context, () => undefined);
  return client;
}

function describe({ type, collection, entityId, baseVersion, idempotencyKey }: SyncRequest): string {
  return `${type} ${collection}/${entityId}@${baseVersion} #${idempotencyKey.slice(-6)}`;
}
