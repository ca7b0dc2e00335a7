import type { ISyncEntity } from '../../src/core/entity.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { ServerRecord } from '../../src/core/record.ts';
import { decide } from '../../src/server/decide.ts';
import type { StoredEntity, StoredRepeat } from '../../src/server/ports/store.ts';
import type { Problem } from '../../src/server/problem.ts';
import { toRecordJson } from '../../src/server/record-json.ts';
import { formatContent, type WriteContent, type WriteRequest } from '../../src/server/write-request.ts';
import type { SealedRequest } from '../../src/store/entry.ts';
import { marked, collection, entityId } from './marked-entity.ts';

/** The backend: one entity with all its states, and the keys that were applied. */
export interface ServerState {
  readonly states: readonly StoredEntity[];
  readonly repeats: readonly StoredRepeat[];
}

export type ServerAnswer = { readonly record: ServerRecord } | { readonly problem: Problem };

export const emptyServer: ServerState = { states: [], repeats: [] };

const principal = 'anyone';

/** What the reference server makes of a request. */
export function handleRequest(
  server: ServerState,
  request: SealedRequest,
  clientId: string,
): { readonly server: ServerState; readonly answer: ServerAnswer } {
  const written = toWriteRequest(request, clientId);
  const fingerprint = formatContent(written);
  const decision = decide({
    stored: server.states.at(-1) ?? null,
    repeat: server.repeats.find(({ key }) => key === request.idempotencyKey) ?? null,
    request: written,
    fingerprint,
    nowMs: nowMsOf(server),
  });
  switch (decision.type) {
    case 'replayed':
      return { server, answer: { record: decision.answer.record } };
    case 'refused':
      return { server, answer: { problem: decision.problem } };
    case 'applied': {
      const { change, answer } = decision;
      const repeat = { principal, key: request.idempotencyKey, fingerprint, answer, appliedAtMs: nowMsOf(server) };
      return {
        server: { states: [...server.states, change], repeats: [...server.repeats, repeat] },
        answer: { record: answer.record },
      };
    }
  }
}

/** The backend after someone else has written, without any of the clients of the model. */
export function writeForeign(server: ServerState, mark: string): ServerState {
  const before = server.states.at(-1);
  const { updatedAt: _, ...entity } = marked((before?.entity ?? null) as ISyncEntity | null, mark);
  const state: StoredEntity = {
    collection,
    id: entityId,
    version: (before?.version ?? 0) + 1,
    entity: { ...entity, id: entityId } as unknown as JsonObject,
    updatedAt: new Date(nowMsOf(server)).toISOString(),
    idempotencyKey: `foreign-${mark}`,
    clientId: 'foreign',
  };
  return { ...server, states: [...server.states, state] };
}

/** The record of the n-th state, as the feed tells it. */
export function recordOf(state: StoredEntity): ServerRecord {
  return toRecordJson(state);
}

function nowMsOf({ states }: ServerState): number {
  return Date.UTC(2026, 0, 2) + states.length;
}

function toWriteRequest(request: SealedRequest, clientId: string): WriteRequest {
  return {
    idempotencyKey: request.idempotencyKey,
    clientId,
    collection: request.collection,
    id: request.entityId,
    content: contentOf(request),
    expected: request.baseVersion === null ? null : [request.baseVersion as number],
    updatedAt: request.timestamp,
  };
}

function contentOf({ type, entity, patch = [] }: SealedRequest): WriteContent {
  if (type === 'delete') return { type: 'delete' };
  if (type === 'update') return { type: 'patch', patch };
  const { updatedAt: _, version: __, ...content } = entity as ISyncEntity;
  return { type: 'create', entity: content as unknown as JsonObject };
}
