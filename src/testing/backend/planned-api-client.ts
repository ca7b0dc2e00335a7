import type { ApiClient, RequestContext } from '../../ports/api-client.ts';

/** A function of an ApiClient. */
export type BackendMethod = 'get' | 'create' | 'update' | 'delete' | 'batch' | 'changes' | 'probe';

/** One call of an ApiClient, as it arrived. */
export interface BackendCall {
  readonly method: BackendMethod;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Empty where there is none, as in a batch. */
  readonly collection: string;
  readonly id: string;
  /** What was handed over beside collection and id. */
  readonly content: unknown;
  readonly context: RequestContext;
}

/** What a call is answered with: a value, a throw, a promise. `apply` is what the client behind would do by itself. */
export type Answer = (call: BackendCall, apply: () => Promise<unknown>) => unknown;

/** An ApiClient whose calls fare as planned, and are remembered. */
export interface PlannedApiClient {
  readonly apiClient: ApiClient;
  /** All calls, oldest first. */
  readonly calls: readonly BackendCall[];
  /** Calls that write, batches included. */
  writes(): readonly BackendCall[];
  /** Answers the next call of the method, or the next that writes. Those given earlier come first. */
  once(method: BackendMethod | 'write', answer: Answer): void;
  /** Answers all calls of the method, or all that write; null: by itself again. */
  always(method: BackendMethod | 'write', answer: Answer | null): void;
}

const writing: ReadonlySet<BackendMethod> = new Set(['create', 'update', 'delete', 'batch']);

/**
 * Puts faults between the library and an ApiClient: whatever is planned happens to the call, everything else goes through.
 * Optional functions are there where the client has them. `now`: milliseconds since 1970, for the times in `calls`.
 *
 * @example
 * const { apiClient, once } = createPlannedApiClient(client);
 * once('write', loseAnswer); // takes effect, and the library never hears of it
 * const sync = createSyncService(apiClient);
 */
export function createPlannedApiClient(client: ApiClient, now: () => number = Date.now): PlannedApiClient {
  const calls: BackendCall[] = [];
  const queued: { readonly method: BackendMethod | 'write'; readonly answer: Answer }[] = [];
  const standing = new Map<BackendMethod | 'write', Answer>();

  const fits = (wanted: BackendMethod | 'write', method: BackendMethod) =>
    wanted === method || (wanted === 'write' && writing.has(method));

  async function pass<T>(
    method: BackendMethod,
    context: RequestContext,
    about: Partial<BackendCall>,
    apply: () => Promise<T>,
  ): Promise<T> {
    const call = { method, at: now(), collection: '', id: '', content: null, context, ...about };
    calls.push(call);
    const index = queued.findIndex((each) => fits(each.method, method));
    const once = index < 0 ? undefined : queued.splice(index, 1)[0]?.answer;
    const chosen = once ?? standing.get(method) ?? (writing.has(method) ? standing.get('write') : undefined);
    return (await (chosen ? chosen(call, apply) : apply())) as T;
  }

  const { batch, changes, probe, realTime, capabilities, clockOffsetMs } = client;
  const apiClient: ApiClient = {
    get: (collection, id, context) =>
      pass('get', context, { collection, id }, () => client.get(collection, id, context)),
    create: (collection, entity, context) =>
      pass('create', context, { collection, id: entity.id, content: { entity } }, () =>
        client.create(collection, entity, context),
      ),
    update: (collection, id, change, context) =>
      pass('update', context, { collection, id, content: change }, () =>
        client.update(collection, id, change, context),
      ),
    delete: (collection, id, change, context) =>
      pass('delete', context, { collection, id, content: change }, () =>
        client.delete(collection, id, change, context),
      ),
    ...(batch && {
      batch: (requests, context) =>
        pass('batch', context, { content: requests }, () => batch.call(client, requests, context)),
    }),
    ...(changes && {
      changes: (collection, query, context) =>
        pass('changes', context, { collection, content: query }, () =>
          changes.call(client, collection, query, context),
        ),
    }),
    ...(probe && { probe: (context) => pass('probe', context, {}, () => probe.call(client, context)) }),
    ...(realTime && { realTime }),
    ...(capabilities && { capabilities }),
    ...(clockOffsetMs && { clockOffsetMs: () => clockOffsetMs.call(client) }),
  };

  return {
    apiClient,
    calls,
    writes: () => calls.filter(({ method }) => writing.has(method)),
    once: (method, answer) => void queued.push({ method, answer }),
    always(method, answer) {
      if (answer) standing.set(method, answer);
      else standing.delete(method);
    },
  };
}
