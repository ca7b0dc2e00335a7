import type { SyncServer } from '../../../src/server/index.ts';

/** An answer as tests compare it. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

interface Call {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly token?: string;
}

/** Calls a server through its `fetch`, with a fresh key for each write that names none. */
export interface Api {
  send(method: string, path: string, call?: Call): Promise<Answer>;
  get(path: string, call?: Call): Promise<Answer>;
  create(path: string, entity: unknown, call?: Call): Promise<Answer>;
  replace(path: string, version: number, entity: unknown, call?: Call): Promise<Answer>;
  patch(path: string, version: number, patch: unknown, call?: Call): Promise<Answer>;
  remove(path: string, version: number, call?: Call): Promise<Answer>;
  batch(requests: readonly unknown[], call?: Call): Promise<Answer>;
}

export function createApi(server: Pick<SyncServer, 'fetch'>, keyPrefix = 'auto'): Api {
  let lastKey = 0;

  const send: Api['send'] = async (method, path, { headers = {}, body, token } = {}) => {
    const isWrite = method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS';
    const defaults: Record<string, string> = isWrite
      ? {
          'idempotency-key': `"${keyPrefix}-${(lastKey += 1)}"`,
          'sync-client': 'tester',
          'content-type': 'application/json',
        }
      : {};
    if (token !== undefined) defaults['authorization'] = `Bearer ${token}`;
    const all = new Headers({ ...defaults, ...headers });
    for (const [name, value] of [...all]) if (value === '') all.delete(name);
    const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
    const url = new URL(path, 'http://sync.test');
    const response = await server.fetch(
      new Request(url, { method, headers: all, ...(text !== undefined && { body: text }) }),
    );
    const answered = await response.text();
    return { status: response.status, headers: response.headers, body: answered === '' ? null : JSON.parse(answered) };
  };
  const withHeaders = (call: Call | undefined, headers: Record<string, string>, body?: unknown): Call => ({
    ...call,
    headers: { ...headers, ...call?.headers },
    body,
  });

  return {
    send,
    get: (path, call) => send('GET', path, call),
    create: (path, entity, call) => send('PUT', path, withHeaders(call, { 'if-none-match': '*' }, entity)),
    replace: (path, version, entity, call) =>
      send('PUT', path, withHeaders(call, { 'if-match': `"${version}"` }, entity)),
    patch: (path, version, patch, call) =>
      send(
        'PATCH',
        path,
        withHeaders(call, { 'if-match': `"${version}"`, 'content-type': 'application/json-patch+json' }, patch),
      ),
    remove: (path, version, call) => send('DELETE', path, withHeaders(call, { 'if-match': `"${version}"` })),
    batch: (requests, call) => send('POST', '/v1/batch', withHeaders(call, {}, { requests })),
  };
}
