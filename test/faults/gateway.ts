import type { SyncServer } from '../../src/server/index.ts';
import { expectCanary, keepForSearch } from '../support/token-search.ts';

/** A request on its way to the backend. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly body: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What comes back instead of the backend's answer. `apply` asks the backend. */
export type Interference = (exchange: Exchange, apply: () => Promise<Response>) => Promise<Response> | Response;

export type Traffic = 'write' | 'probe' | 'feed' | 'any';

/** The network between a client and a server: `fetch` for the client, and a hand for the test in what comes back. */
export interface Gateway {
  fetch(url: string, init: RequestInit): Promise<Response>;
  readonly exchanges: readonly Exchange[];
  writes(): readonly Exchange[];
  once(traffic: Traffic, interference: Interference): void;
  always(traffic: Traffic, interference: Interference | null): void;
  /** Resolves when the server is asked nothing any more. */
  idle(): Promise<void>;
}

/** `server`: asked for with each request, so that it can be replaced. */
export function createGateway(server: () => SyncServer, now: () => number): Gateway {
  const exchanges: Exchange[] = [];
  const next: { readonly traffic: Traffic; readonly interference: Interference }[] = [];
  const standing = new Map<Traffic, Interference>();
  let busy = 0;

  function choose(exchange: Exchange): Interference | undefined {
    const index = next.findIndex(({ traffic }) => fits(traffic, exchange));
    if (index >= 0) return next.splice(index, 1)[0]?.interference;
    return [...standing].find(([traffic]) => fits(traffic, exchange))?.[1];
  }

  async function ask(url: string, init: RequestInit): Promise<Response> {
    busy += 1;
    try {
      const { signal: _, ...rest } = init;
      const answer = await server().fetch(new Request(url, rest));
      const text = answer.status === 204 ? null : await answer.text();
      return new Response(text, { status: answer.status, headers: answer.headers });
    } finally {
      busy -= 1;
    }
  }

  return {
    async fetch(url, init) {
      const { pathname, search } = new URL(url);
      const exchange = {
        method: init.method ?? 'GET',
        path: `${pathname}${search}`,
        headers: new Headers(init.headers),
        body: typeof init.body === 'string' ? init.body : '',
        at: now(),
      };
      exchanges.push(exchange);
      expectCanary(exchange.headers.get('authorization'));
      keepForSearch('address', exchange.path);
      keepForSearch('body', exchange.body);
      const apply = () => ask(url, init);
      const interference = choose(exchange);
      return interference ? interference(exchange, apply) : apply();
    },
    exchanges,
    writes: () => exchanges.filter((exchange) => fits('write', exchange)),
    once: (traffic, interference) => void next.push({ traffic, interference }),
    always(traffic, interference) {
      if (interference) standing.set(traffic, interference);
      else standing.delete(traffic);
    },
    async idle() {
      for (let quiet = 0; quiet < 3; quiet = busy === 0 ? quiet + 1 : 0) await new Promise(setImmediate);
    },
  };
}

function fits(traffic: Traffic, { method, path }: Exchange): boolean {
  switch (traffic) {
    case 'any':
      return true;
    case 'write':
      return method !== 'GET';
    case 'probe':
      return path.startsWith('/v1/health');
    case 'feed':
      return path.startsWith('/v1/changes') || path.startsWith('/v1/snapshot');
  }
}
