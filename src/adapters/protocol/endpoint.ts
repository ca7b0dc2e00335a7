import { SyncError } from '../../core/errors.ts';

/** Where the backend is. */
export interface Endpoint {
  /** Address of a request. Throws `invalid-option` when a relative base has no page to be relative to. */
  request(path: string): string;
  /** Address of the real-time connection. Throws as `request` does. */
  socket(): string;
}

const socketPath = '/v1/socket';
const pairedSchemes: Readonly<Record<string, string>> = {
  'http:': 'ws:',
  'https:': 'wss:',
  'ws:': 'ws:',
  'wss:': 'wss:',
};

/**
 * The addresses below a base such as `https://api.example.com/sync`; a relative base such as `/sync` is resolved against
 * the page when it is first used. Throws `SyncError` `invalid-option` for another scheme, a user name, a query or a
 * fragment: what is secret does not belong into a URL. `option` names it in what is thrown.
 */
export function createEndpoint(url: string, option = 'url'): Endpoint {
  if (!isRelative(url)) readBase(url, option);
  return {
    request: (path) => {
      const base = readBase(url, option);
      base.protocol = base.protocol.replace('ws', 'http');
      return `${trimmed(base)}${path}`;
    },
    socket: () => {
      const base = readBase(url, option);
      base.protocol = pairedSchemes[base.protocol] ?? base.protocol;
      const address = trimmed(base);
      return address.endsWith(socketPath) ? address : `${address}${socketPath}`;
    },
  };
}

function isRelative(url: unknown): boolean {
  return typeof url === 'string' && /^\.{0,2}\//.test(url) && !url.startsWith('//');
}

function readBase(url: string, option: string): URL {
  const base = parse(url);
  if (base === null || pairedSchemes[base.protocol] === undefined) {
    throw new SyncError(
      'invalid-option',
      `The option \`${option}\` must be an http, https, ws or wss address of the backend.`,
      {
        path: `/${option}`,
      },
    );
  }
  if (base.username !== '' || base.password !== '' || base.search !== '' || base.hash !== '') {
    throw new SyncError(
      'invalid-option',
      `The option \`${option}\` must hold no user name, password, query or fragment. Pass a secret by the option \`token\`.`,
      { path: `/${option}` },
    );
  }
  return base;
}

function parse(url: string): URL | null {
  try {
    return new URL(url, globalThis.location?.href);
  } catch {
    return null;
  }
}

function trimmed(base: URL): string {
  return base.href.replace(/\/+$/, '');
}
