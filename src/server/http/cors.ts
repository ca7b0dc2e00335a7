const methods = 'GET, PUT, PATCH, DELETE, POST';
const requestHeaders =
  'authorization, content-type, idempotency-key, if-match, if-none-match, sync-client, sync-epoch, sync-updated-at';
const exposedHeaders = 'ETag, Retry-After, Idempotency-Replayed, Sync-Protocol, Sync-Epoch, Date, Accept-Patch';
const preflightSeconds = '7200';

/** Cross-origin rules (the Fetch standard) for an allow-list of origins. */
export interface Cors {
  /** The answer to a preflight request; null: the request is none. */
  preflight(request: Request): Response | null;
  /** Adds what lets the page of an allowed origin read the answer. */
  expose(request: Request, headers: Headers): void;
  /** Whether a browser page of this origin may connect; requests without an origin come from no browser. */
  allows(origin: string | null, host: string | null): boolean;
}

/** `'*'` in the list is any origin. */
export function createCors(origins: readonly string[] = []): Cors {
  const isListed = (origin: string): boolean => origins.includes('*') || origins.includes(origin);

  const allowOrigin = (origin: string, headers: Headers): void => {
    headers.append('vary', 'Origin');
    if (isListed(origin)) headers.set('access-control-allow-origin', origin);
  };

  return {
    preflight(request) {
      const origin = request.headers.get('origin');
      if (request.method !== 'OPTIONS' || origin === null || !request.headers.has('access-control-request-method'))
        return null;
      const headers = new Headers();
      allowOrigin(origin, headers);
      if (isListed(origin)) {
        headers.set('access-control-allow-methods', methods);
        headers.set('access-control-allow-headers', requestHeaders);
        headers.set('access-control-max-age', preflightSeconds);
      }
      return new Response(null, { status: 204, headers });
    },
    expose(request, headers) {
      const origin = request.headers.get('origin');
      if (origin === null) return;
      allowOrigin(origin, headers);
      if (isListed(origin)) headers.set('access-control-expose-headers', exposedHeaders);
    },
    allows(origin, host) {
      return origin === null || isListed(origin) || hostOf(origin) === host;
    },
  };
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
