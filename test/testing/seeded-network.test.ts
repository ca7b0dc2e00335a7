import { BehaviorSubject } from 'rxjs';
import { expect, test } from 'vitest';
import { createSyncService, type RealTimeMessage } from '../../src/index.ts';
import {
  createMemoryBackend,
  createNetworkApiClient,
  createNetworkTransport,
  createPlannedStorage,
  createSeededNetwork,
  createSeededRandom,
  createTestEnvironment,
  noNetworkFaults,
  type NetworkFaults,
} from '../../src/testing.ts';

function createNet(given: Partial<NetworkFaults>, seed = 1) {
  const { environment, clock } = createTestEnvironment({ seed });
  const random = createSeededRandom(seed);
  let current: NetworkFaults = { ...noNetworkFaults, ...given };
  const faults = () => current;
  const lines: string[] = [];
  const note = (text: string): void => void lines.push(`${clock.now()} ${text}`);
  const log = { note, fault: (kind: string, text: string): void => note(`[${kind}] ${text}`) };
  const network = createSeededNetwork({ clock, random: random.fork('network'), faults, log });
  const backend = createMemoryBackend({ now: clock.now });
  const client = createNetworkApiClient(backend.apiClient, network);
  const transport = createNetworkTransport(backend.apiClient.realTime!, {
    network,
    clock,
    random: random.fork('sockets'),
    faults,
    log,
  });
  const heal = (): void => void (current = noNetworkFaults);
  return {
    environment: { ...environment, network: network.signals() },
    clock,
    network,
    backend,
    client,
    transport,
    lines,
    heal,
  };
}

async function runWorkload(seed: number): Promise<{ effects: readonly string[]; lines: readonly string[] }> {
  const faults = { requestsLost: 0.3, answersLost: 0.3, doubled: 0.5, silent: 0.2, maxDelayMs: 3_000 };
  const { environment, clock, backend, client, lines, heal } = createNet(faults, seed);
  const sync = createSyncService(client, { environment, storage: createPlannedStorage() });
  for (let index = 0; index < 20; index += 1) sync.collection('tasks').put({ id: `${index}`, title: 'x' });
  await clock.advance(60_000);
  heal();
  await clock.runUntil(() => sync.getSnapshot().pending === 0 && sync.queue.size === 0, 3_600_000);
  const closed = sync.close();
  await clock.advance(60_000);
  await closed;
  return { effects: backend.effects, lines };
}

test('G2 G23 over a network that loses, doubles and delays, every write takes effect once, and alike in every run', async () => {
  const [first, again] = [await runWorkload(3), await runWorkload(3)];
  expect(new Set(first.effects).size).toBe(20);
  expect(first.effects.length).toBe(20);
  expect(again).toEqual(first);
  for (const kind of ['[request lost]', '[answer lost]', '[doubled]'])
    expect(first.lines.some((line) => line.includes(kind))).toBe(true);
});

function listen({ transport }: Pick<ReturnType<typeof createNet>, 'transport'>) {
  const messages: RealTimeMessage['type'][] = [];
  const errors: unknown[] = [];
  const channels$ = new BehaviorSubject([{ channel: 'tasks', cursor: null }]);
  const subscription = transport
    .connect({ clientId: 'me', channels$ })
    .subscribe({ next: ({ type }) => messages.push(type), error: (error: unknown) => errors.push(error) });
  return { messages, errors, subscription };
}

test('G11 a frame that is lost is told as a poke', async () => {
  const net = createNet({ framesLost: 1 });
  const { messages } = listen(net);
  await net.clock.advance(1_000);
  net.backend.edit('tasks', '1', { title: 'x' });
  await net.clock.advance(1_000);
  expect(messages).toEqual(['open']);
  net.heal();
  net.backend.edit('tasks', '1', { title: 'y' });
  await net.clock.advance(1_000);
  expect(messages).toEqual(['open', 'poke', 'change']);
});

test('S26 a network that is cut ends sockets, fails calls, and mends', async () => {
  const net = createNet({});
  const { messages, errors } = listen(net);
  await net.clock.advance(1_000);
  net.network.cut();
  const call = net.client.get('tasks', '1', { clientId: 'me', attempt: 1, signal: new AbortController().signal });
  const failed = call.catch(() => 'failed');
  await net.clock.advance(1_000);
  expect([messages, errors.length, await failed]).toEqual([['open'], 1, 'failed']);
  net.network.mend();
  const second = listen(net);
  await net.clock.advance(1_000);
  expect(second.messages).toEqual(['open']);
  second.subscription.unsubscribe();
  net.backend.edit('tasks', '1', { title: 'x' });
  await net.clock.advance(1_000);
  expect(second.messages).toEqual(['open']);
});
