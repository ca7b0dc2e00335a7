import type { IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';

/** What becomes of one WebSocket connection. */
export interface SocketFate {
  /** `refused`: a login page instead of the upgrade. `cut`: reset, in the middle of a frame as a rule. `stalled`: half-open for good. */
  readonly end: 'refused' | 'cut' | 'stalled';
  /** So many bytes from the backend arrive before. */
  readonly afterBytes: number;
}

const loginPage = '<!doctype html><title>Sign in to the network</title>';
const refusal = `HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: ${loginPage.length}\r\nconnection: close\r\n\r\n${loginPage}`;

/** Passes an upgrade on until its fate strikes. Gives the line to the backend. */
export function passUpgrade(
  port: number,
  request: IncomingMessage,
  line: Socket,
  head: Buffer,
  fate: SocketFate | null,
): Socket {
  const backend = connect(port, '127.0.0.1');
  let left = fate === null || fate.end === 'refused' ? Infinity : fate.afterBytes;
  let isStalled = false;
  const cut = () => {
    if (isStalled) return;
    line.resetAndDestroy();
    backend.resetAndDestroy();
  };
  for (const each of [line, backend]) each.on('error', cut).on('close', cut);
  if (fate?.end === 'refused') {
    line.end(refusal);
    return backend.destroy();
  }
  backend.write(`${headOf(request)}\r\n\r\n`);
  backend.write(head);
  line.on('data', (chunk: Buffer) => {
    if (!isStalled) backend.write(chunk);
  });
  backend.on('data', (chunk: Buffer) => {
    if (isStalled) return;
    line.write(chunk.subarray(0, left));
    left -= chunk.length;
    if (left > 0) return;
    if (fate?.end === 'cut') cut();
    else isStalled = true;
  });
  return backend;
}

function headOf({ method, url, rawHeaders }: IncomingMessage): string {
  const headers = rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${rawHeaders[at + 1]}`] : []));
  return [`${method} ${url} HTTP/1.1`, ...headers].join('\r\n');
}
