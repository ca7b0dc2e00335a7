import { abortedBatch } from '../core/aborted-errors.ts';
import { createDeferred } from '../core/deferred.ts';
import type { ISyncEntity } from '../core/entity.ts';
import { assertCollection, assertEntityId, assertSameId, readEntity } from '../core/entity-input.ts';
import { SyncError } from '../core/errors.ts';
import { freezeJson } from '../core/freeze-json.ts';
import { isObject, type Json } from '../core/json.ts';
import type { Intent, OperationMark } from '../outbox/compose-operation.ts';
import { viewOf } from '../store/entity-state.ts';
import { writtenBy, type JournalEntry } from '../store/entry.ts';
import type { Ledger } from '../store/ledger.ts';
import type { Redaction } from '../store/redact.ts';
import type { EntitySlot, Replica } from '../store/replica.ts';
import type { Write } from './collection.ts';
import { createEarlyWrites, type EarlyWrite, type EarlyWrites } from './early-writes.ts';
import { promiseOf, settledFate, type Fate, type Fates, type OpenFate } from './fates.ts';

/** A write, and how its operation stands. */
export interface LocalWrite extends Write<ISyncEntity> {
  readonly fate: OpenFate;
}

/** What the app writes, made into operations. Before the local data is loaded, writes are shown and wait for it (S15). */
export interface LocalWrites {
  put(collection: string, input: unknown): LocalWrite;
  patch(collection: string, id: string, change: unknown): LocalWrite;
  delete(collection: string, id: string): LocalWrite;
  /** One notification and one journal record for all that `run` writes; nothing of it, when `run` throws (S46). */
  together<R>(run: () => R): R;
  /** The view of an entity, with what waits for the local data. */
  read(collection: string, id: string): ISyncEntity | null;
  /** Entities that wait for the local data, of a collection; null: gone. */
  waiting(collection: string): ReadonlyMap<string, ISyncEntity | null> | undefined;
  /** The local data is there: what waited is typed, stamped and journaled in call order. */
  hydrated(): void;
  /** The local data cannot be had. */
  refused(error: SyncError): void;
}

export interface LocalWriteParts {
  readonly replica: Replica;
  readonly ledger: () => Ledger;
  readonly fates: Fates;
  readonly redaction: Redaction;
  mark(id: string): OperationMark;
  newId(): string;
  nowIso(): string;
  /** The entry that makes the intent true; null: it is true already. */
  compose(slot: EntitySlot, intent: Intent, mark: () => OperationMark): JournalEntry | null;
  validate(collection: string, entity: ISyncEntity): void;
  /** A write is shown before the local data is there. */
  shown(collection: string, id: string): void;
  /** Throws when nothing may be written any more. */
  assertOpen(): void;
}

type Draft = NonNullable<Intent['entity']>;

export function createLocalWrites(parts: LocalWriteParts): LocalWrites {
  const { replica, fates, redaction } = parts;
  let early: EarlyWrites | null = createEarlyWrites(parts.shown);
  let batched: string[] | null = null;

  function read(collection: string, id: string): ISyncEntity | null {
    const shown = early?.views(collection);
    if (shown?.has(id)) return freezeJson(shown.get(id) ?? null);
    const slot = replica.find(collection, id);
    return slot ? freezeJson(viewOf(slot.state)) : null;
  }

  function commit(intent: Intent, operationId: string | null): LocalWrite {
    const slot = replica.slot(intent.collection, intent.entityId);
    const entry = parts.compose(slot, intent, () => parts.mark(operationId ?? parts.newId()));
    const operation = entry && writtenBy(entry);
    if (!operation) return unchanged(slot, operationId);
    const { id } = operation;
    const fate = fates.find(id) ?? fates.open(id);
    batched?.push(id);
    const durable = parts.ledger().commit([entry], 'local');
    fate.durable = durable;
    return makeWrite(id, viewOf(slot.state), durable, fate);
  }

  /** Nothing to write: what becomes of it is what becomes of what is pending already. */
  function unchanged(slot: EntitySlot, operationId: string | null): LocalWrite {
    const fate = fateOfPending(slot);
    if (operationId !== null) {
      const settle = (outcome: Fate) => fates.settle([operationId], outcome);
      void promiseOf(fate).then(
        (entity) => settle({ entity }),
        (error: SyncError) => settle({ error }),
      );
    }
    return makeWrite(null, viewOf(slot.state), fate.durable, fate);
  }

  function fateOfPending({ state, collection, id }: EntitySlot): OpenFate {
    const last = state.work?.pending.at(-1);
    if (!last) return settledFate({ entity: freezeJson(viewOf(state)) });
    const refusal = state.work?.refusal;
    if (!refusal) return fates.find(last.id) ?? fates.open(last.id);
    const about = { collection, entityId: id, operationId: last.id };
    return settledFate({ error: new SyncError('parked', refusal.message, about) });
  }

  function submit(
    collection: string,
    entityId: string,
    intent: () => Intent,
    preview: (() => ISyncEntity) | null | undefined,
  ): LocalWrite {
    if (!early) return commit(intent(), null);
    const shown = preview && preview();
    const operationId = parts.newId();
    const { promise: written, resolve, reject } = createDeferred<LocalWrite>();
    const durable = written.then((write) => write.durable);
    durable.catch(() => undefined);
    const fate = fates.open(operationId);
    const refuse = (error: SyncError) => {
      fates.settle([operationId], { error });
      reject(error);
    };
    early.add({ collection, entityId, operationId, intent, resolve, reject: refuse }, shown);
    return makeWrite(operationId, shown ?? null, durable, fate);
  }

  function readDraft(collection: string, input: unknown): Draft {
    const { updatedAt: _, ...draft } = readEntity(collection, input);
    return draft as unknown as Draft;
  }

  function validated(collection: string, draft: Draft): Draft {
    parts.validate(collection, { ...draft, updatedAt: parts.nowIso() });
    return draft;
  }

  /** Whoever puts a whole entity may not have its excluded fields at hand: they stay (S14). */
  function withExcluded(collection: string, draft: Draft): Draft {
    const current = () => read(collection, draft.id) as unknown as Json;
    return redaction.fill(collection, draft as unknown as Json, current) as unknown as Draft;
  }

  function change(collection: string, id: string, change: unknown, current: ISyncEntity): Draft {
    const compute = typeof change === 'function' ? (change as (entity: ISyncEntity) => unknown) : null;
    const fields = isObject(change) ? { ...current, ...change } : change;
    const draft = readDraft(collection, compute ? compute(current) : fields);
    assertSameId(collection, id, draft.id);
    return validated(collection, draft);
  }

  /** What was one batch is written whole, or rejects whole. Gives those that no change of a view tells of. */
  function writeBatch(batch: readonly EarlyWrite[]): readonly EarlyWrite[] {
    let writing: EarlyWrite | undefined;
    try {
      const writes = parts.ledger().together(() =>
        batch.map((each) => {
          writing = each;
          return commit(each.intent(), each.operationId);
        }),
      );
      for (const [index, each] of batch.entries()) each.resolve(writes[index] as LocalWrite);
      return batch.filter((_, index) => writes[index]?.operationId === null);
    } catch (thrown) {
      const error = new SyncError('aborted', 'Another write of its batch was refused: nothing of it was written.', {
        cause: thrown,
      });
      for (const each of batch) each.reject(each === writing ? (thrown as SyncError) : error);
      return batch;
    }
  }

  return {
    read,
    together(run) {
      if (batched) return run();
      const written: string[] = (batched = []);
      try {
        return parts.ledger().together(() => (early ? early.together(run) : run()));
      } catch (error) {
        fates.settle(written, { error: abortedBatch() });
        throw error;
      } finally {
        batched = null;
      }
    },
    waiting: (collection) => early?.views(collection),
    put(collection, input) {
      parts.assertOpen();
      assertCollection(collection);
      const draft = validated(collection, withExcluded(collection, readDraft(collection, input)));
      const intent: Intent = { collection, entityId: draft.id, entity: draft };
      return submit(
        collection,
        draft.id,
        () => intent,
        () => ({ ...draft, updatedAt: parts.nowIso() }),
      );
    },
    patch(collection, id, changeOf) {
      parts.assertOpen();
      assertCollection(collection);
      assertEntityId(collection, id);
      const current = read(collection, id);
      const compute = (): Intent => {
        const before = read(collection, id);
        if (!before) throw unknownEntity(collection, id);
        return { collection, entityId: id, entity: change(collection, id, changeOf, before) };
      };
      if (!current && !early) throw unknownEntity(collection, id);
      if (!current || !early) return submit(collection, id, compute, undefined);
      const shown = change(collection, id, changeOf, current);
      return submit(collection, id, compute, () => ({ ...shown, updatedAt: parts.nowIso() }));
    },
    delete(collection, id) {
      parts.assertOpen();
      assertCollection(collection);
      assertEntityId(collection, id);
      return submit(collection, id, () => ({ collection, entityId: id, entity: null }), null);
    },
    hydrated() {
      const batches = early?.take() ?? [];
      early = null;
      for (const { collection, entityId } of batches.flatMap(writeBatch)) parts.shown(collection, entityId);
    },
    refused(error) {
      const writes = early?.take().flat() ?? [];
      for (const each of writes) each.reject(error);
      for (const { collection, entityId } of writes) parts.shown(collection, entityId);
    },
  };
}

/** The getter is shared: one of its own would make each write a slow object. */
const promises = {
  get synced(): Promise<ISyncEntity | null> {
    return promiseOf((this as LocalWrite).fate);
  },
};

function makeWrite(
  operationId: string | null,
  entity: ISyncEntity | null,
  durable: Promise<void>,
  fate: OpenFate,
): LocalWrite {
  const write = Object.create(promises) as { -readonly [K in keyof LocalWrite]: LocalWrite[K] };
  write.operationId = operationId;
  write.entity = freezeJson(entity);
  write.durable = durable;
  write.fate = fate;
  return write;
}

function unknownEntity(collection: string, entityId: string): SyncError {
  return new SyncError(
    'unknown-entity',
    `There is no ${collection}/${entityId} to patch. Use put to create it, or load it first.`,
    {
      collection,
      entityId,
    },
  );
}
