import { createHttpApiClient, createSyncService, type SyncState } from '../../src/index.ts';

/** One socket as the page has seen it. */
export interface SocketLife {
  /** Pings since anything came in. */
  unanswered: number;
  isOpen: boolean;
}

export interface BackgroundState {
  readonly realTime: SyncState['realTime'];
  readonly ids: readonly string[];
  readonly sockets: readonly SocketLife[];
  /** What the browser told the page of its life, in order. */
  readonly told: readonly string[];
}

const ping = JSON.stringify({ type: 'ping' });

function watchSockets(sockets: SocketLife[]): typeof WebSocket {
  return new Proxy(WebSocket, {
    construct(target, given: ConstructorParameters<typeof WebSocket>) {
      const socket = new target(...given);
      const life: SocketLife = { unanswered: 0, isOpen: true };
      sockets.push(life);
      const [send, close] = [socket.send.bind(socket), socket.close.bind(socket)];
      const end = () => {
        life.isOpen = false;
      };
      socket.send = (data) => {
        if (data === ping) life.unanswered += 1;
        send(data);
      };
      socket.close = (...reason) => {
        end();
        close(...reason);
      };
      socket.addEventListener('close', end);
      socket.addEventListener('message', () => {
        life.unanswered = 0;
      });
      return socket;
    },
  });
}

/** Runs in the page: follows the rows of a `server`, by sockets to `line`, both from its address. */
export function followRows(): void {
  const sockets: SocketLife[] = [];
  const told: string[] = [];
  document.addEventListener('visibilitychange', () => told.push(document.visibilityState));
  for (const event of ['freeze', 'resume']) document.addEventListener(event, () => told.push(event));
  addEventListener('pageshow', ({ persisted }) => persisted && told.push('restored'));
  const address = new URL(location.href).searchParams;
  const sync = createSyncService(createHttpApiClient({ url: address.get('server') ?? '' }), {
    collections: { rows: {} },
    realTime: { url: address.get('line') ?? '', WebSocket: watchSockets(sockets) },
    retry: { baseMs: 50, maxMs: 500 },
  });
  sync.enableRealTime();
  const state = (): BackgroundState => ({
    realTime: sync.getSnapshot().realTime,
    ids: sync
      .collection('rows')
      .list()
      .map(({ id }) => id as string),
    sockets,
    told,
  });
  Object.assign(globalThis, { state });
}
