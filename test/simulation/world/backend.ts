import jsonPatch from 'fast-json-patch';
import type { Operation } from 'fast-json-patch';
import { Subject } from 'rxjs';
import type { ISyncEntity, Version } from '../../../src/core/entity.ts';
import { EpochChangedError, NotFoundError, RejectedError } from '../../../src/core/errors.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import type { SyncRequest } from '../../../src/core/operation.ts';
import type { ServerRecord } from '../../../src/core/record.ts';
import { decide, type Decision } from '../../../src/server/decide.ts';
import type { StoredEntity, StoredRepeat } from '../../../src/server/ports/store.ts';
import { formatContent, type WriteRequest } from '../../../src/server/write-request.ts';
import type { WorldShape } from '../fault-plan.ts';
import { createFeed, type Feed, type FeedRow } from './feed.ts';
import { toSyncError } from './problem-error.ts';
import { withoutMetadata } from './simulated-entity.ts';
import type { Trace } from './trace.ts';
import { createVersionTokens } from './version-tokens.ts';

/** Who writes, as the request says. */
export interface Writer {
  readonly clientId: string;
  readonly epoch?: string;
}

/** An honest backend with everything in memory, which decides as the reference server does. */
export interface Backend {
  readonly epoch: string;
  get(collection: string, id: string): ServerRecord | null;
  /** Applies a request or throws what an ApiClient throws. Every record names the epoch that it is told in. */
  write(request: SyncRequest, writer: Writer): ServerRecord;
  readonly feed: Feed;
  /** Every change, at once. */
  readonly applied$: Subject<FeedRow>;
  /** It comes back with an older backup: the last so many changes, their keys and versions are gone, and a new epoch begins. */
  restore(lost: number): void;
  /** Whether the epoch is one that a restore began. */
  hasBegun(epoch: string | null): boolean;
  /** What is gone, after it went. */
  readonly restored$: Subject<readonly FeedRow[]>;
  /** All states an entity ever had, oldest first. */
  states(collection: string, id: string): readonly ServerRecord[];
  /** What a converged replica shows, ordered by id in code-unit order. */
  live(collection: string): readonly ISyncEntity[];
  /** The how-many-eth state of its entity a version names; 0 when it was never given out. */
  ordinalOf(version: Version): number;
}

/** What a backend is made of. `now`: milliseconds since 1970 UTC. */
export interface BackendOptions {
  readonly now: () => number;
  readonly shape: WorldShape;
  readonly trace: Trace;
  /** Says why content is not accepted, or null. */
  readonly refusal: (content: JsonObject) => string | null;
}

type Applied = Extract<Decision, { type: 'applied' }>;

interface History {
  readonly stored: StoredEntity[];
  readonly records: ServerRecord[];
}

const principal = 'anyone';

/** A backend without data. */
export function createBackend({ now, shape, trace, refusal }: BackendOptions): Backend {
  const histories = new Map<string, History>();
  const repeats = new Map<string, StoredRepeat>();
  const applied$ = new Subject<FeedRow>();
  const begun = new Set<string | null>();
  const restored$ = new Subject<readonly FeedRow[]>();
  const feed = createFeed({ shape });
  const tokens = createVersionTokens(shape);
  const isPlain = shape.backend === 'plain';
  const told = (record: ServerRecord): ServerRecord => ({ ...record, epoch: feed.epoch });

  const historyOf = (collection: string, id: string): History => {
    const key = `${collection}/${id}`;
    const history = histories.get(key) ?? { stored: [], records: [] };
    histories.set(key, history);
    return history;
  };
  const toWriteRequest = (request: SyncRequest, writer: Writer, isLive: boolean): WriteRequest => ({
    idempotencyKey: request.idempotencyKey,
    clientId: writer.clientId,
    collection: request.collection,
    id: request.entityId,
    content: contentOf(request, isPlain && isLive),
    expected: isPlain ? '*' : request.baseVersion === null ? null : [tokens.ordinalOf(request.baseVersion)],
    updatedAt: request.entity?.updatedAt ?? null,
  });
  const throwIfOrphaned = ({ change }: Applied, stored: StoredEntity | null): void => {
    const parent = change.entity?.['task'];
    if (typeof parent !== 'string' || parent === stored?.entity?.['task']) return;
    if (historyOf('tasks', parent).stored.at(-1)?.entity) return;
    throw new RejectedError({ status: 422, detail: `There is no task ${parent}.` });
  };
  const commit = (
    request: SyncRequest,
    writer: Writer,
    { change, answer }: Applied,
    fingerprint: string,
  ): ServerRecord => {
    const history = historyOf(request.collection, request.entityId);
    const previous = history.records.at(-1) ?? null;
    history.stored.push(change);
    const record = tokens.outward(answer.record);
    history.records.push(record);
    repeats.set(request.idempotencyKey, {
      principal,
      key: request.idempotencyKey,
      fingerprint,
      answer,
      appliedAtMs: now(),
    });
    applied$.next(feed.append({ request, clientId: writer.clientId, record, previous }));
    return record;
  };

  return {
    get epoch() {
      return feed.epoch;
    },
    get(collection, id) {
      const record = historyOf(collection, id).records.at(-1);
      return record ? told(record) : null;
    },
    write(request, writer) {
      const { epoch } = feed;
      if (writer.epoch !== undefined && writer.epoch !== epoch) throw new EpochChangedError({ epoch });
      const stored = historyOf(request.collection, request.entityId).stored.at(-1) ?? null;
      const isLive = stored !== null && stored.entity !== null;
      if (isPlain && !isLive && request.type !== 'create') throw new NotFoundError({ status: 404 });
      const written = toWriteRequest(request, writer, isLive);
      const fingerprint = formatContent({ ...written, content: contentOf(request, false) });
      const repeat = repeats.get(request.idempotencyKey) ?? null;
      const recognised = shape.backend === 'idempotent' ? repeat : null;
      const decision = decide({ stored, repeat: recognised, request: written, fingerprint, nowMs: now() });
      if (repeat && repeat.fingerprint !== fingerprint)
        trace.violate(`S1 key ${request.idempotencyKey} came again with other content`);
      switch (decision.type) {
        case 'replayed':
          trace.fault('repeat', request.idempotencyKey);
          return told(tokens.outward(decision.answer.record));
        case 'refused':
          throw toSyncError(decision.problem, (record) => told(tokens.outward(record)));
        case 'applied':
          if (!isPlain) checkPatch(stored, request, trace);
          throwIfRefused(decision, refusal);
          if (shape.references) throwIfOrphaned(decision, stored);
          return told(commit(request, writer, withComputedField(decision, shape), fingerprint));
      }
    },
    feed,
    applied$,
    restore(lost) {
      const gone = feed.restore(Math.max(0, feed.position - lost));
      for (const { request } of gone) {
        const history = historyOf(request.collection, request.entityId);
        history.stored.pop();
        history.records.pop();
        repeats.delete(request.idempotencyKey);
      }
      begun.add(feed.epoch);
      restored$.next(gone);
    },
    hasBegun: (epoch) => begun.has(epoch),
    restored$,
    states: (collection, id) => historyOf(collection, id).records,
    live: (collection) =>
      [...histories]
        .filter(([key]) => key.startsWith(`${collection}/`))
        .flatMap(([, { records }]) => records.at(-1)?.entity ?? [])
        .sort((a, b) => (a.id < b.id ? -1 : 1)),
    ordinalOf: tokens.ordinalOf,
  };
}

function contentOf(request: SyncRequest, replaces: boolean): WriteRequest['content'] {
  if (replaces && request.entity)
    return { type: 'replace', entity: withoutMetadata(request.entity) as unknown as JsonObject };
  switch (request.type) {
    case 'create':
      return { type: 'create', entity: withoutMetadata(request.entity as ISyncEntity) as unknown as JsonObject };
    case 'update':
      return { type: 'patch', patch: request.patch ?? [] };
    case 'delete':
      return { type: 'delete' };
  }
}

function withComputedField(decision: Applied, shape: WorldShape): Applied {
  const { change, answer } = decision;
  if (!shape.computedField || change.entity === null || answer.record.entity === null) return decision;
  const computed = { serverStamp: change.version };
  return {
    ...decision,
    change: { ...change, entity: { ...change.entity, ...computed } },
    answer: { ...answer, record: { ...answer.record, entity: { ...answer.record.entity, ...computed } } },
  };
}

function throwIfRefused({ change }: Applied, refusal: BackendOptions['refusal']): void {
  const reason = change.entity ? refusal(change.entity) : null;
  if (reason !== null) throw new RejectedError({ status: 422, detail: reason });
}

/** An independent judge of the patch: applied to the stored entity it gives the entity that came with it. */
function checkPatch(stored: StoredEntity | null, request: SyncRequest, trace: Trace): void {
  if (request.type !== 'update' || !request.entity || !stored?.entity) return;
  const patch = structuredClone(request.patch ?? []) as Operation[];
  const result = jsonPatch.applyPatch(structuredClone(stored.entity), patch, true).newDocument;
  const differences = jsonPatch.compare(withoutMetadata(request.entity), result);
  if (differences.length === 0) return;
  trace.violate(
    `S9 the patch of ${request.entityId} does not give the entity sent with it: ${JSON.stringify(differences)}`,
  );
}
