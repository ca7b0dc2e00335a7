import { SyncError } from '../core/errors.ts';

const dayMs = 24 * 60 * 60 * 1000;

/**
 * What one client may ask of the server. Every number can be changed in {@link SyncServerOptions}: any above 0, and for `hookMs`,
 * `lagMs`, `helloMs`, `heartbeatMs` and `sessionCheckMs` up to 2,147,483,647 (24 days), the longest that a timer of Node waits.
 */
export interface Limits {
  /** Bytes of a request body; default 1 MiB. */
  readonly bodyBytes: number;
  /** Requests in one batch; default 100. */
  readonly batchRequests: number;
  /** Entities or changes in one page; default 1,000. */
  readonly pageSize: number;
  /** Characters of JSON in one page, give or take one entity; default 4 Mi. */
  readonly pageBytes: number;
  /** HTTP requests per second and principal, over time; default 1,000. */
  readonly requestsPerSecond: number;
  /** HTTP requests at once per principal; default 5,000. */
  readonly requestBurst: number;
  /** How long `authenticate`, `authorize` or a schema may take; default 30 s. */
  readonly hookMs: number;
  /** Open sockets per principal; default 1,000. */
  readonly socketsPerPrincipal: number;
  /** Channels of one socket; default 1,000. */
  readonly channelsPerSocket: number;
  /** Bytes of one frame from a client; default 64 KiB. */
  readonly frameBytes: number;
  /** Frames per second from one client, over time; default 50. Twice as many at once. */
  readonly framesPerSecond: number;
  /** Bytes waiting for a slow reader before it gets one `poke` instead of changes; default 1 MiB. */
  readonly bufferedBytes: number;
  /** Bytes waiting for a slow reader before it is cut off; default 8 MiB. */
  readonly bufferedBytesMax: number;
  /** How long a slow reader may lag before it is cut off; default 30 s. */
  readonly lagMs: number;
  /** Bytes of one change in a frame; a larger one is told by a `poke`; default 256 KiB. */
  readonly changeBytes: number;
  /** How long a new socket may stay without `hello`; default 5 s. */
  readonly helloMs: number;
  /** Between two pings; a socket that answers neither of two is cut off; default 25 s. */
  readonly heartbeatMs: number;
  /** How often the session of an open socket is checked again; default 30 min. */
  readonly sessionCheckMs: number;
  /** How long the feed reaches back; default 30 days. */
  readonly feedMs: number;
  /** How many changes the feed reaches back; default 1,000,000. */
  readonly feedChanges: number;
  /** How long repeats are recognised; default 90 days, and never less. */
  readonly repeatMs: number;
}

const defaults: Limits = {
  bodyBytes: 1024 * 1024,
  batchRequests: 100,
  pageSize: 1000,
  pageBytes: 4 * 1024 * 1024,
  requestsPerSecond: 1000,
  requestBurst: 5000,
  hookMs: 30_000,
  socketsPerPrincipal: 1000,
  channelsPerSocket: 1000,
  frameBytes: 64 * 1024,
  framesPerSecond: 50,
  bufferedBytes: 1024 * 1024,
  bufferedBytesMax: 8 * 1024 * 1024,
  lagMs: 30_000,
  changeBytes: 256 * 1024,
  helloMs: 5000,
  heartbeatMs: 25_000,
  sessionCheckMs: 30 * 60 * 1000,
  feedMs: 30 * dayMs,
  feedChanges: 1_000_000,
  repeatMs: 90 * dayMs,
};

const longestTimerMs = 2 ** 31 - 1;
const most: Partial<Limits> = {
  hookMs: longestTimerMs,
  lagMs: longestTimerMs,
  helloMs: longestTimerMs,
  heartbeatMs: longestTimerMs,
  sessionCheckMs: longestTimerMs,
};

/** The default limits with the given ones in their place. Throws `invalid-option` for one that is none, or no number in its bounds. */
export function withDefaults(limits: Partial<Limits> = {}): Limits {
  const given = Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
  const other = Object.keys(given).find((name) => !Object.hasOwn(defaults, name));
  if (other !== undefined) {
    const message = `There is no limit ${other}: there are ${Object.keys(defaults).join(', ')}.`;
    throw new SyncError('invalid-option', message, { path: `/limits/${other}` });
  }
  const all = { ...defaults, ...given };
  for (const name of Object.keys(all) as (keyof Limits)[]) checkLimit(name, all[name]);
  return { ...all, repeatMs: Math.max(all.repeatMs, defaults.repeatMs) };
}

function checkLimit(name: keyof Limits, value: unknown): void {
  const atMost = most[name] ?? Number.MAX_VALUE;
  if (typeof value === 'number' && value > 0 && value <= atMost) return;
  const bound = most[name] === undefined ? '' : `, at most ${atMost}`;
  throw new SyncError('invalid-option', `The limit ${name} is a number above 0${bound}.`, { path: `/limits/${name}` });
}
