import type { Version } from '../../core/entity.ts';
import type { Json, JsonPatch } from '../../core/json.ts';
import type { SyncRequest } from '../../core/operation.ts';
import type { ServerRecord } from '../../core/record.ts';
import type { ApiClient, RequestContext } from '../../ports/api-client.ts';
import { expectThat, settleWithin, show } from '../conformance/expectations.ts';
import {
  defaultSample,
  type ApiClientConformanceOptions,
  type ApiClientUnderTest,
  type SampleData,
  type SampleEntity,
} from './options.ts';

/** Parts of a request's context that a rule sets. */
export type ContextParts = Partial<RequestContext>;

/** An ApiClient with the calls that the rules make of it. Every call ends, in time or with a finding. */
export interface ApiClientBench {
  readonly client: ApiClient;
  readonly sample: SampleData;
  readonly isVersioned: boolean;
  readonly restart: (() => Promise<ApiClient>) | undefined;
  readonly unauthorized: ApiClient | undefined;
  newId(hint: string): string;
  newKey(): string;
  entity(id: string, text: string): SampleEntity;
  /** Runs a call with a context, within the limit. */
  call<T>(what: string, run: (context: RequestContext) => Promise<T>, parts?: ContextParts): Promise<T>;
  get(id: string): Promise<ServerRecord | null>;
  create(id: string, text: string, parts?: ContextParts): Promise<ServerRecord>;
  /** Replaces the text of an entity as it was when the record was read. */
  retitle(record: ServerRecord, text: string, parts?: ContextParts): Promise<ServerRecord>;
  remove(id: string, baseVersion: Version | null, parts?: ContextParts): Promise<ServerRecord | void>;
  /** The same writes as members of a batch. */
  request(type: SyncRequest['type'], id: string, text: string, base?: ServerRecord): SyncRequest;
  /** The text that a record shows; undefined: there is no entity. */
  textOf(record: ServerRecord | null | void): unknown;
  versionOf(record: ServerRecord): Version | null;
}

const stamp = '2020-01-01T00:00:00.000Z';
const clientId = 'conformance';

/** A bench on a client. */
export function createApiClientBench(
  { client, restart, unauthorized }: ApiClientUnderTest,
  options: ApiClientConformanceOptions,
): ApiClientBench {
  const { sample = defaultSample, timeoutMs = 5_000, detectConflicts = 'server' } = options;
  const { collection, field, newId } = sample;
  const isVersioned = detectConflicts === 'server';

  const entity = (id: string, text: string): SampleEntity => ({
    ...(structuredClone(sample.entity(id, text)) as Record<string, unknown>),
    id,
    updatedAt: stamp,
  });
  function call<T>(what: string, run: (context: RequestContext) => Promise<T>, parts: ContextParts = {}): Promise<T> {
    const context: RequestContext = { clientId, attempt: 1, signal: new AbortController().signal, ...parts };
    const start = async (): Promise<T> => run(context);
    return settleWithin(start(), timeoutMs, what);
  }
  const write: ApiClientBench['call'] = (what, run, parts) =>
    call(what, run, { idempotencyKey: globalThis.crypto.randomUUID(), ...parts });
  const changeTo = (text: string): JsonPatch => [{ op: 'replace', path: `/${field}`, value: text }];
  const versionOf = (record: ServerRecord): Version | null => record.version ?? null;
  const changed = (record: ServerRecord, text: string): SampleEntity => {
    expectThat(record.entity !== null, `A record without its entity came back: ${show(record)}.`);
    const { version: _, ...content } = structuredClone(record.entity) as SampleEntity & Record<string, Json>;
    return { ...content, updatedAt: stamp, [field]: text };
  };

  return {
    client,
    sample,
    isVersioned,
    restart,
    unauthorized,
    newId: newId ?? ((hint) => `${hint}-${globalThis.crypto.randomUUID()}`),
    newKey: () => globalThis.crypto.randomUUID(),
    entity,
    call,
    get: (id) => call('get', (context) => client.get(collection, id, context)),
    create: (id, text, parts) =>
      write('create', (context) => client.create(collection, entity(id, text), context), parts),
    retitle(record, text, parts) {
      const next = changed(record, text);
      const change = { patch: changeTo(text), entity: next, baseVersion: versionOf(record) };
      return write('update', (context) => client.update(collection, next.id, change, context), parts);
    },
    remove: (id, baseVersion, parts) =>
      write('delete', (context) => client.delete(collection, id, { baseVersion }, context), parts),
    request(type, id, text, base) {
      const named = { idempotencyKey: globalThis.crypto.randomUUID(), type, collection, entityId: id };
      const baseVersion = base ? versionOf(base) : null;
      if (type === 'create') return { ...named, entity: entity(id, text), baseVersion: null };
      if (type === 'delete' || !base) return { ...named, baseVersion };
      return { ...named, entity: changed(base, text), patch: changeTo(text), baseVersion };
    },
    textOf: (record) => (record?.entity as SampleEntity | null | undefined)?.[field],
    versionOf,
  };
}
