import { createServer, request as ask, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { passUpgrade, type SocketFate } from './hostile-upgrade.ts';

/** What becomes of one HTTP exchange. */
export type ExchangeFate =
  | 'passed'
  /** Passed and answered some time later. */
  | 'delayed'
  /** The line is cut before the backend hears anything. */
  | 'cut'
  /** The backend hears half of the request, then the line is cut. */
  | 'halfSent'
  /** The backend answers, and the line is cut. */
  | 'answerCut'
  /** Half of the answer arrives, then the line is cut. */
  | 'answerHalf'
  /** Half of the answer arrives, as if it were all of it. */
  | 'answerShort'
  /** Nobody hears anything any more, and the line stays open. */
  | 'stalled'
  | 'answerStalled'
  /** The backend gets it twice at once. */
  | 'doubled'
  /** The backend gets it now, and once more before some later exchange. */
  | 'echoed'
  /** A login page, with 200. */
  | 'captive'
  /** A page of a gateway, with 502. */
  | 'gateway'
  /** What was answered the last time to the same GET. */
  | 'cached';

/** Decides of each exchange and each socket. */
export interface Fates {
  exchange(): ExchangeFate;
  /** Null: passed for good. */
  socket(): SocketFate | null;
  delayMs(): number;
}

/** A loopback proxy that does to connections what networks do. */
export interface HostileProxy {
  readonly url: string;
  /** How often each fate has struck. */
  readonly struck: ReadonlyMap<string, number>;
  /** Where it passes things on to from now on; null: nowhere, every line is cut. */
  target(url: string | null): void;
  /** Passes everything on from now on. What has stalled stays so. */
  heal(): void;
  /** Resolves when so many more exchanges have begun. */
  exchanges(count: number): Promise<void>;
  close(): Promise<void>;
}

interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const page = (status: number, text: string): Answer => ({
  status,
  headers: { 'content-type': 'text/html', 'access-control-allow-origin': '*' },
  body: Buffer.from(`<!doctype html><title>${text}</title>`),
});
const loginPage = page(200, 'Sign in to the network');
const gatewayPage = page(502, 'Bad gateway');

/** Without fates it passes everything on. */
export async function startHostileProxy(fates?: Fates): Promise<HostileProxy> {
  const struck = new Map<string, number>();
  const lines = new Set<Duplex>();
  const answered = new Map<string, Answer>();
  const echoes: Exchange[] = [];
  const waiting = new Set<{ left: number; resolve(): void }>();
  let isHealed = fates === undefined;
  let port: number | null = null;

  function strike<F extends string>(fate: F): F {
    struck.set(fate, (struck.get(fate) ?? 0) + 1);
    return fate;
  }

  function countDown(): void {
    for (const each of waiting) {
      each.left -= 1;
      if (each.left > 0) continue;
      waiting.delete(each);
      each.resolve();
    }
  }

  async function pass(exchange: Exchange): Promise<Answer> {
    const answer = await forward(port, exchange, exchange.body.length);
    if (exchange.method === 'GET') answered.set(exchange.path, answer);
    return answer;
  }

  /** Null: the line is cut; undefined: it stays open, silent. */
  async function meet(exchange: Exchange, fate: ExchangeFate): Promise<Answer | null | undefined> {
    switch (fate) {
      case 'cut':
        return null;
      case 'halfSent':
        return forward(port, exchange, Math.floor(exchange.body.length / 2)).then(() => null);
      case 'stalled':
        return undefined;
      case 'answerStalled':
        return pass(exchange).then(() => undefined);
      case 'answerCut':
        return pass(exchange).then(() => null);
      case 'captive':
        return loginPage;
      case 'gateway':
        return gatewayPage;
      case 'cached':
        return answered.get(exchange.path) ?? pass(exchange);
      case 'doubled':
        return Promise.all([pass(exchange), pass(exchange)]).then(([first]) => first);
      case 'echoed':
        echoes.push(exchange);
        return pass(exchange);
      case 'delayed':
        await new Promise((resolve) => {
          setTimeout(resolve, fates?.delayMs());
        });
        return pass(exchange);
      case 'passed':
      case 'answerHalf':
      case 'answerShort':
        return pass(exchange);
    }
  }

  const server = createServer((incoming, outgoing) => {
    const cut = () => incoming.socket.resetAndDestroy();
    const handle = async (): Promise<void> => {
      const exchange = await readExchange(incoming);
      countDown();
      for (const echo of echoes.splice(0)) await pass(echo).catch(() => undefined);
      const drawn = isHealed ? 'passed' : (fates?.exchange() ?? 'passed');
      const fate = drawn === 'cached' && !answered.has(exchange.path) ? 'passed' : drawn;
      if (!isHealed) strike(fate);
      const answer = await meet(exchange, fate);
      if (answer === undefined) return;
      if (answer === null) return void cut();
      const half = answer.body.subarray(0, Math.floor(answer.body.length / 2));
      const body = fate === 'answerShort' ? half : answer.body;
      outgoing.writeHead(answer.status, { ...answer.headers, 'content-length': body.length });
      if (fate === 'answerHalf') outgoing.write(half, cut);
      else outgoing.end(body);
    };
    handle().catch(cut);
  });
  server.on('connection', (line: Socket) => {
    lines.add(line);
    line.on('error', () => undefined);
    line.on('close', () => lines.delete(line));
  });
  server.on('upgrade', (request: IncomingMessage, line: Socket, head: Buffer) => {
    const fate = isHealed ? null : (fates?.socket() ?? null);
    strike(`socket ${fate?.end ?? 'passed'}`);
    if (port === null) line.resetAndDestroy();
    else lines.add(passUpgrade(port, request, line, head, fate));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    struck,
    target(url) {
      port = url === null ? null : Number(new URL(url).port);
    },
    heal() {
      isHealed = true;
    },
    exchanges: (count) =>
      new Promise((resolve) => {
        waiting.add({ left: count, resolve });
      }),
    async close() {
      const closed = new Promise((resolve) => {
        server.close(resolve);
      });
      for (const line of lines) line.destroy();
      await closed;
    },
  };
}

async function readExchange(incoming: IncomingMessage): Promise<Exchange> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const { method = '', url: path = '', headers } = incoming;
  return { method, path, headers, body: Buffer.concat(chunks) };
}

/** Hands on the first `bytes` of the body. Rejects when the line to the backend is cut; short of bytes it is cut here. */
function forward(port: number | null, { method, path, headers, body }: Exchange, bytes: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    if (port === null) throw new Error('There is no backend.');
    const asked = ask({ host: '127.0.0.1', port, method, path, headers, agent: false }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const { 'transfer-encoding': _, connection: __, 'keep-alive': ___, ...answered } = incoming.headers;
        resolve({ status: incoming.statusCode ?? 0, headers: answered, body: Buffer.concat(chunks) });
      });
    });
    asked.on('error', reject);
    if (bytes === body.length) asked.end(body);
    else asked.write(body.subarray(0, bytes), () => asked.destroy(new Error('Cut.')));
  });
}
