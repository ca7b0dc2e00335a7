import type { Exchange, Interference } from './gateway.ts';

const sign = { 'Sync-Protocol': '1' };

/** An answer that bears the sign of the backend. */
export function signed(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Response {
  const type = status < 400 ? 'application/json' : 'application/problem+json';
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return new Response(text, { status, headers: { ...sign, 'Content-Type': type, ...headers } });
}

/** A refusal in the words of the backend. */
export function problem(
  status: number,
  code: string,
  more: object = {},
  headers: Readonly<Record<string, string>> = {},
): Response {
  return signed(status, { type: `urn:syncline:problem:${code}`, title: code, status, ...more }, headers);
}

/** An answer of a stranger. */
export function foreign(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(body, { status, headers: { 'Content-Type': 'text/html; charset=utf-8', ...headers } });
}

/** The request arrives; its answer is another. */
export function applied(answer: () => Response): Interference {
  return async (_, apply) => {
    await apply();
    return answer();
  };
}

/** The request arrives, and its answer does not. */
export const answerLost: Interference = async (_, apply) => {
  await apply();
  throw new TypeError('fetch failed');
};

/** The request does not arrive. */
export const requestLost: Interference = () => {
  throw new TypeError('fetch failed');
};

export const silence: Interference = () => new Promise<never>(() => undefined);

/** The keys of the requests in an exchange, alone or in a batch. */
export function keysOf({ headers, body, path }: Exchange): readonly string[] {
  if (path !== '/v1/batch') return [(headers.get('idempotency-key') ?? '').replaceAll('"', '')];
  const { requests } = JSON.parse(body) as { requests: readonly { idempotencyKey: string }[] };
  return requests.map(({ idempotencyKey }) => idempotencyKey);
}
