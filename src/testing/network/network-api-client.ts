import type { ApiClient, RequestContext } from '../../ports/api-client.ts';
import { openEnd, type NetworkEnd } from './network-faults.ts';
import type { SeededNetwork } from './seeded-network.ts';

/**
 * The client on the other side of a network: every call and its answer take the way there and back, with what the network does to
 * them. Optional functions are there where the client has them; `realTime` is left out, see `createNetworkTransport`.
 */
export function createNetworkApiClient(
  client: ApiClient,
  network: SeededNetwork,
  end: NetworkEnd = openEnd,
): ApiClient {
  const { batch, changes, probe, capabilities, clockOffsetMs } = client;
  const carry = <T>(label: string, { signal }: RequestContext, handle: () => Promise<T>): Promise<T> =>
    network.call(end, label, handle, signal);

  return {
    get: (collection, id, context) =>
      carry(`get ${collection}/${id}`, context, () => client.get(collection, id, context)),
    create: (collection, entity, context) =>
      carry(`create ${collection}/${entity.id}`, context, () => client.create(collection, entity, context)),
    update: (collection, id, change, context) =>
      carry(`update ${collection}/${id}`, context, () => client.update(collection, id, change, context)),
    delete: (collection, id, change, context) =>
      carry(`delete ${collection}/${id}`, context, () => client.delete(collection, id, change, context)),
    ...(batch && {
      batch: (requests, context) =>
        carry(`batch of ${requests.length}`, context, () => batch.call(client, requests, context)),
    }),
    ...(changes && {
      changes: (collection, query, context) =>
        carry(`changes ${collection}`, context, () => changes.call(client, collection, query, context)),
    }),
    ...(probe && { probe: (context) => carry('probe', context, () => probe.call(client, context)) }),
    ...(capabilities && { capabilities }),
    ...(clockOffsetMs && { clockOffsetMs: () => clockOffsetMs.call(client) }),
  };
}
