import WebSocket, { type ClientOptions } from 'ws';

export interface Frame {
  readonly type: string;
  readonly [member: string]: unknown;
}

/** A socket of the protocol as a client holds it. */
export interface TestSocket {
  readonly socket: WebSocket;
  send(frame: unknown): void;
  /** The next frame that was not taken yet. Rejects when the socket closes first. */
  next(): Promise<Frame>;
  take(count: number): Promise<readonly Frame[]>;
  /** Frames that arrived before the answer to a ping: the proof that nothing more was sent. */
  rest(): Promise<readonly Frame[]>;
  readonly closed: Promise<number>;
}

/** Connects; rejects with the HTTP status when the upgrade is refused. */
export function openSocket(
  url: string,
  options: ClientOptions & { protocol?: string; path?: string } = {},
): Promise<TestSocket> {
  const { protocol = 'sync.v1', path = '/v1/socket', ...rest } = options;
  const socket = new WebSocket(url.replace('http', 'ws') + path, protocol, rest);
  const frames: Frame[] = [];
  let wake = (): void => {};
  socket.on('message', (data) => {
    frames.push(JSON.parse((data as Buffer).toString()) as Frame);
    wake();
  });
  const closed = new Promise<number>((resolve) => socket.on('close', resolve));
  void closed.then(() => wake());

  const next = async (): Promise<Frame> => {
    for (;;) {
      const frame = frames.shift();
      if (frame !== undefined) return frame;
      if (socket.readyState === WebSocket.CLOSED) throw new Error(`The socket is closed: ${await closed}`);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  const send = (frame: unknown): void => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  const client: TestSocket = {
    socket,
    send,
    next,
    async take(count) {
      const taken: Frame[] = [];
      while (taken.length < count) taken.push(await next());
      return taken;
    },
    async rest() {
      send({ type: 'ping' });
      const taken: Frame[] = [];
      for (let frame = await next(); frame.type !== 'pong'; frame = await next()) taken.push(frame);
      return taken;
    },
    closed,
  };
  return new Promise((resolve, reject) => {
    socket.on('open', () => resolve(client));
    socket.on('unexpected-response', (_, response) => reject(new Error(`status ${response.statusCode}`)));
    socket.on('error', reject);
  });
}

/** Connects, says hello and takes the welcome. */
export async function joinSocket(
  url: string,
  hello: object = {},
  options?: Parameters<typeof openSocket>[1],
): Promise<TestSocket> {
  const client = await openSocket(url, options);
  client.send({ type: 'hello', clientId: 'reader', channels: [], ...hello });
  const welcome = await client.next();
  if (welcome.type !== 'welcome') throw new Error(`Not welcome: ${JSON.stringify(welcome)}`);
  return client;
}
