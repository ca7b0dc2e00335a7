import { parseArgs } from 'node:util';
import { UsageError } from './usage.ts';

/** What `syncline serve` was asked for. */
export interface ServeOptions {
  readonly port: number;
  readonly host: string;
  /** Undefined: the server's default. */
  readonly database: string | undefined;
  /** The database was put back from a backup. */
  readonly restored: boolean;
  readonly origins: readonly string[];
  /** Undefined: everyone may come in. */
  readonly token: string | undefined;
}

const defaultPort = '8080';

/** Reads the options of `syncline serve`. Throws {@link UsageError} for anything that is not one. */
export function readServeOptions(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): ServeOptions {
  const { port, host, database, restored, origin, token } = parse(args);
  for (const each of origin) checkOrigin(each);
  return {
    port: readPort(port),
    host,
    database,
    restored,
    origins: origin,
    token: token ?? environment['SYNCLINE_TOKEN'],
  };
}

function parse(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      strict: true,
      options: {
        port: { type: 'string', default: defaultPort },
        host: { type: 'string', default: '127.0.0.1' },
        database: { type: 'string' },
        restored: { type: 'boolean', default: false },
        origin: { type: 'string', multiple: true, default: [] },
        token: { type: 'string' },
      },
    });
    return values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : 'The options cannot be read.');
  }
}

function readPort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new UsageError('--port takes a number from 0 to 65535.');
}

function checkOrigin(origin: string): void {
  if (origin === '*' || (URL.canParse(origin) && new URL(origin).origin === origin)) return;
  throw new UsageError('--origin takes a scheme, a host and a port, such as https://app.example, or *.');
}
