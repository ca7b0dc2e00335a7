import type { ApiClient } from '../../ports/api-client.ts';
import type { RealTimeChannel, RealTimeTransport } from '../../ports/real-time.ts';
import { createApiClientBench, type ApiClientBench } from '../api-client/bench.ts';
import { createFeedReader } from '../api-client/feed-reader.ts';
import type { SampleData } from '../api-client/options.ts';
import type { ConformanceRunOptions } from '../conformance/run-rules.ts';
import { settleWithin } from '../conformance/expectations.ts';
import { createListener, type Listener } from './listener.ts';

/** A transport, and the client of the backend whose changes it tells. Opened anew for each rule; the backend need not be empty. */
export interface TransportUnderTest {
  readonly transport: RealTimeTransport;
  readonly client: ApiClient;
  /** Breaks all connections of the transport, as a network does. */
  cut?(): void | Promise<void>;
  /** How many connections the transport holds now. */
  openConnections?(): number | Promise<number>;
  /** The same with a token that the backend does not accept. */
  readonly unauthorized?: RealTimeTransport;
  close?(): void | Promise<void>;
}

/** How a transport is examined. */
export interface TransportConformanceOptions extends ConformanceRunOptions {
  /** As for the ApiClient. */
  readonly sample?: SampleData;
  /** How long a message may take; default 5,000. */
  readonly timeoutMs?: number;
}

/** A transport with what the rules need to make changes and to hear them. */
export interface TransportBench {
  readonly transport: RealTimeTransport;
  readonly writer: ApiClientBench;
  readonly cut: (() => Promise<void>) | undefined;
  /** Waits until the transport holds so many connections. */
  readonly connections: ((count: number) => Promise<void>) | undefined;
  readonly unauthorized: RealTimeTransport | undefined;
  /** Subscribes; every subscription ends with the bench. */
  listen(channels: readonly RealTimeChannel[], to?: RealTimeTransport): Listener;
  /** Subscribes to a channel from now on, and waits for `open`. */
  hear(...channels: readonly string[]): Promise<Listener>;
  /** The place in the feed of the sample's collection now; null: the client has no `changes`. */
  cursor(): Promise<string | null>;
  createOther(id: string): Promise<void>;
  end(): void;
}

const pollMs = 10;

/** A bench on a transport. */
export function createTransportBench(opened: TransportUnderTest, options: TransportConformanceOptions): TransportBench {
  const { transport, client, cut, openConnections, unauthorized } = opened;
  const { timeoutMs = 5_000 } = options;
  const writer = createApiClientBench({ client }, { ...options, timeoutMs });
  const listeners: Listener[] = [];

  const listen: TransportBench['listen'] = (channels, to = transport) => {
    const listener = createListener(to, channels, { clientId: 'listener', timeoutMs });
    listeners.push(listener);
    return listener;
  };
  const cursor = async (): Promise<string | null> =>
    client.changes ? (await createFeedReader(writer).catchUp(null, 500)).cursor : null;
  const waitFor = async (count: number): Promise<void> => {
    while ((await openConnections?.call(opened)) !== count) {
      await new Promise((resolve) => {
        setTimeout(resolve, pollMs);
      });
    }
  };

  return {
    transport,
    unauthorized,
    writer,
    cut: cut && (async () => cut.call(opened)),
    connections:
      openConnections && ((count) => settleWithin(waitFor(count), timeoutMs, `A state with ${count} connections`)),
    listen,
    async hear(...channels) {
      const from = await cursor();
      const listener = listen(
        channels.map((channel) => ({
          channel,
          cursor: channel.split('/')[0] === writer.sample.collection ? from : null,
        })),
      );
      await listener.until(() => listener.messages.some(({ type }) => type === 'open'), 'The message `open`');
      return listener;
    },
    cursor,
    async createOther(id) {
      await writer.call(
        'create',
        (context) => client.create(writer.sample.otherCollection, writer.entity(id, 'other'), context),
        { idempotencyKey: writer.newKey() },
      );
    },
    end() {
      for (const listener of listeners) listener.unsubscribe();
    },
  };
}
