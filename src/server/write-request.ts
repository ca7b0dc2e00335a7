import { canonicalText } from '../core/canonical-text.ts';
import type { Json, JsonObject, JsonPatch } from '../core/json.ts';

/** What a write asks for. */
export type WriteContent =
  | { readonly type: 'create' | 'replace'; readonly entity: JsonObject }
  | { readonly type: 'patch'; readonly patch: JsonPatch }
  | { readonly type: 'merge-patch'; readonly patch: Json }
  | { readonly type: 'delete' };

/** What the stored entity must be for the write to happen: one of these versions, or any (`'*'`). */
export type ExpectedVersion = '*' | readonly number[];

/** One write, whichever way it came in. */
export interface WriteRequest {
  readonly idempotencyKey: string;
  readonly clientId: string;
  readonly collection: string;
  readonly id: string;
  readonly content: WriteContent;
  /** Null: the client stated none. A create expects absence and needs none. */
  readonly expected: ExpectedVersion | null;
  /** The claimed time of change, ISO 8601; null: none claimed. */
  readonly updatedAt: string | null;
}

/**
 * The content of a request as one string, equal for equal content whatever the order of keys and whichever way it came in
 * (alone or in a batch): what a key is bound to (S4).
 */
export function formatContent({ collection, id, content, expected }: WriteRequest): string {
  const stated = content.type === 'create' ? null : expected;
  return canonicalText([collection, id, content, stated]);
}
