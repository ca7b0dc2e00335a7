import type { JsonObject, JsonPatch } from '../../core/json.ts';
import type { StoredAnswer, StoredChange, StoredEntity, StoredRepeat } from '../ports/store.ts';

/** A row of `entities`. */
export interface EntityRow {
  readonly collection: string;
  readonly id: string;
  readonly version: number;
  readonly json: string | null;
  readonly updated_at: string;
  readonly idempotency_key: string;
  readonly client_id: string;
}

/** A row of `repeats`. */
export interface RepeatRow {
  readonly principal: string;
  readonly key: string;
  readonly fingerprint: string;
  readonly answer: string;
  readonly applied_at_ms: number;
}

/** A row of `feed`. */
export interface ChangeRow extends EntityRow {
  readonly seq: number;
  readonly base_version: number | null;
  readonly before_json: string | null;
  readonly patch: string | null;
  readonly committed_at_ms: number;
}

/** Text that comes back as it went in, U+0000 included. */
export const toText = (value: string): string => JSON.stringify(value);
const fromText = (text: string): string => JSON.parse(text) as string;

/** JSON text, null for null. */
export const toJson = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));
const fromJson = <T>(text: string | null): T | null => (text === null ? null : (JSON.parse(text) as T));

/** Reads a row of `entities`. */
export function toStoredEntity(row: EntityRow): StoredEntity {
  return {
    collection: row.collection,
    id: fromText(row.id),
    version: row.version,
    entity: fromJson<JsonObject>(row.json),
    updatedAt: row.updated_at,
    idempotencyKey: fromText(row.idempotency_key),
    clientId: fromText(row.client_id),
  };
}

/** Reads a row of `repeats`. */
export function toStoredRepeat(row: RepeatRow): StoredRepeat {
  return {
    principal: fromText(row.principal),
    key: fromText(row.key),
    fingerprint: row.fingerprint,
    answer: JSON.parse(row.answer) as StoredAnswer,
    appliedAtMs: row.applied_at_ms,
  };
}

/** Reads a row of `feed`. */
export function toStoredChange(row: ChangeRow): StoredChange {
  return {
    ...toStoredEntity(row),
    seq: row.seq,
    baseVersion: row.base_version,
    before: fromJson<JsonObject>(row.before_json),
    patch: fromJson<JsonPatch>(row.patch),
    committedAtMs: row.committed_at_ms,
  };
}
