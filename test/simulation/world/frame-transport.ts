import type { RealTimeChannel, RealTimeMessage, RealTimeTransport } from '../../../src/ports/real-time.ts';
import { createWebSocketTransport } from '../../../src/adapters/web-socket/web-socket-transport.ts';
import { parseFrame, type WantedChannel } from '../../../src/server/sockets/frames.ts';
import type { Backend } from './backend.ts';
import { createBackendSession, type BackendSession } from './backend-session.ts';
import type { TransportOptions } from './real-time-transport.ts';
import { createVirtualWebSocket, type Line, type ServerEnd } from './virtual-socket.ts';

const heartbeatMs = 25_000;
const refusedToken = 4401;

/** The reference protocol's own client, on sockets over a link: what it makes of numbered frames is what is tried. */
export function createFrameTransport(options: TransportOptions): RealTimeTransport {
  const { process, backend, isAuthorized } = options;
  return createWebSocketTransport({
    url: 'http://backend.test',
    clock: process.clock,
    WebSocket: createVirtualWebSocket({
      ...options,
      noticedWithinMs: 2 * heartbeatMs,
      accept: (line) => createServerEnd(backend, line, isAuthorized),
    }),
  });
}

function createServerEnd(backend: Backend, line: Line, isAuthorized: () => boolean): ServerEnd {
  const followed = new Map<string, RealTimeChannel>();
  let session: BackendSession | null = null;
  let lastSeq = 0;

  const send = (frame: object): void => {
    line.send(JSON.stringify(frame));
  };
  const tell = (message: RealTimeMessage): void => {
    switch (message.type) {
      case 'open':
        send({ type: 'welcome', sessionId: 's', epoch: message.epoch, heartbeatMs, maxBytes: 65_536 });
        return;
      case 'change': {
        const { record, ...change } = message.change;
        const content = change.patch ? { deleted: false } : { entity: record.entity, deleted: record.entity === null };
        const { version, updatedAt } = record;
        send({ type: 'change', seq: lastSeq + 1, prev: lastSeq, ...change, ...content, version, updatedAt });
        lastSeq += 1;
        return;
      }
      default:
        send(message);
    }
  };
  const follow = (channels: readonly WantedChannel[]): void => {
    for (const channel of channels) followed.set(channel.channel, channel);
    session?.follow([...followed.values()]);
  };

  return {
    received(text) {
      const frame = parseFrame(text);
      switch (frame?.type) {
        case 'hello':
          if (!isAuthorized()) {
            line.close(refusedToken);
            return;
          }
          session = createBackendSession(backend, tell);
          if (frame.epoch !== null && frame.epoch !== backend.epoch) send({ type: 'resync', epoch: backend.epoch });
          follow(frame.channels);
          return;
        case 'subscribe':
          follow(frame.channels);
          if (frame.channels.some(({ cursor }) => cursor === null)) send({ type: 'poke' });
          return;
        case 'unsubscribe':
          for (const { channel } of frame.channels) followed.delete(channel);
          follow([]);
          return;
        case 'ping':
          send({ type: 'pong' });
          return;
        default:
      }
    },
    closed() {
      session?.close();
      session = null;
    },
  };
}
