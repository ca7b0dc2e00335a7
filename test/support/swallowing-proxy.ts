import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A loopback proxy whose lines can go dead without a word. */
export interface SwallowingProxy {
  readonly url: string;
  /** Lines that are open now stay so, and nothing comes through them any more. Later ones are passed on. */
  swallow(): void;
  close(): Promise<void>;
}

/** Passes every line on to `target`. */
export async function startSwallowingProxy(target: string): Promise<SwallowingProxy> {
  const port = Number(new URL(target).port);
  const lines = new Set<Socket>();
  const passing = new Set<Socket>();
  const server = createServer((line) => {
    const backend = connect(port, '127.0.0.1');
    const hangUp = () => {
      if (!passing.has(line)) return;
      line.destroy();
      backend.destroy();
    };
    for (const each of [line, backend]) {
      lines.add(each);
      each.on('error', hangUp).on('close', hangUp);
    }
    passing.add(line);
    const passTo = (other: Socket) => (chunk: Buffer) => void (passing.has(line) && other.write(chunk));
    line.on('data', passTo(backend));
    backend.on('data', passTo(line));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    swallow: () => passing.clear(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const line of lines) line.destroy();
      }),
  };
}
