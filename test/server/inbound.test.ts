import { expect, test } from 'vitest';
import { createRateLimit } from '../../src/server/rate-limit.ts';
import { createInbound } from '../../src/server/sockets/inbound.ts';

/** An inbound side whose work takes until it is told, and what it did with its socket. */
function createBench() {
  const seen: string[] = [];
  const ends: (() => void)[] = [];
  let state: 'awaitingHello' | 'open' | 'over' = 'awaitingHello';
  const inbound = createInbound({
    socket: {
      pause: () => void seen.push('pause'),
      resume: () => void seen.push('resume'),
    },
    rateLimit: createRateLimit({ perSecond: 1, burst: 100, now: () => 0 }),
    isOpen: () => state !== 'over',
    awaitsHello: () => state === 'awaitingHello',
    helloReceived: () => {
      state = 'open';
    },
    handle: async (frame) => {
      seen.push(frame.type);
      await new Promise<void>((resolve) => ends.push(resolve));
      seen.push(`${frame.type} done`);
    },
    end: (code) => {
      seen.push(`end ${code}`);
      state = 'over';
    },
    reportFailure: (error) => seen.push(String(error)),
  });
  const receive = (...frames: readonly object[]): void => {
    for (const frame of frames) inbound.receive(Buffer.from(JSON.stringify(frame)), false);
  };
  const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
  const finish = async (): Promise<void> => {
    await settled();
    ends.shift()?.();
    await settled();
  };
  return { seen, inbound, receive, settled, finish };
}
const hello = { type: 'hello', clientId: 'c1' };

test('G15 a socket is not read while anything of it is done, so that nothing piles up', async () => {
  const { seen, receive, finish } = createBench();
  receive(hello, { type: 'ping' });
  await finish();
  await finish();
  expect(seen).toEqual(['pause', 'pause', 'hello', 'hello done', 'ping', 'ping done', 'resume']);
});

test('what waits for its turn is dropped when the session ends meanwhile', async () => {
  const { seen, inbound, receive, settled, finish } = createBench();
  receive(hello, { type: 'ping' });
  await settled();
  inbound.inTurn(async () => void seen.push('looked at again'));
  receive(hello, { type: 'ping' });
  await finish();
  expect(seen).toEqual(['pause', 'pause', 'hello', 'pause', 'end 4400', 'hello done', 'resume']);
});

test('a failure is reported, ends the session, and is the last thing done', async () => {
  const { seen, inbound, receive, finish } = createBench();
  receive(hello);
  inbound.inTurn(() => Promise.reject(new Error('broken')));
  inbound.inTurn(async () => void seen.push('never'));
  await finish();
  expect(seen.slice(3)).toEqual(['hello', 'hello done', 'Error: broken', 'end 1013', 'resume']);
});
