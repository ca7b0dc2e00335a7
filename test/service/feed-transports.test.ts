import { afterEach, expect, it } from 'vitest';
import type { ISyncService, SyncOptions } from '../../src/index.ts';
import { createServiceWorld, type ServiceWorld } from '../support/service-world.ts';
import type { FakeBackendOptions, FakeSocket } from '../support/fake-backend.ts';

let world: ServiceWorld;
afterEach(() => world.closeAll());

async function connect(
  options: FakeBackendOptions = {},
  given: SyncOptions = { collections: { tasks: {}, users: {} } },
): Promise<{ sync: ISyncService; socket: FakeSocket }> {
  world = createServiceWorld({ realTime: true, ...options });
  const sync = await world.open(given);
  sync.enableRealTime();
  await world.settle();
  const [socket] = world.backend.sockets;
  if (!socket) throw new Error('No socket was opened.');
  return { sync, socket };
}

it('G11 S40 is live though the transport pokes more often than the feed is read', async () => {
  const { sync, socket } = await connect();
  world.backend.always('changes', world.after(100));
  socket.send({ type: 'open' });
  for (let poke = 0; poke < 20; poke += 1) {
    socket.send({ type: 'poke' });
    await world.advance(50);
  }
  expect(sync.getSnapshot().realTime).toBe('live');
});
