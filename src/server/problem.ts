import type { Json } from '../core/json.ts';
import type { RecordJson } from './record-json.ts';

interface Kind {
  readonly status: number;
  readonly title: string;
  readonly retryable: boolean;
}

const kinds = {
  'malformed-request': { status: 400, title: 'The request cannot be read.', retryable: false },
  'invalid-id': { status: 400, title: 'The id is not allowed.', retryable: false },
  'invalid-collection': { status: 400, title: 'The collection name is not allowed.', retryable: false },
  'missing-key': { status: 400, title: 'Writes need an Idempotency-Key and a Sync-Client.', retryable: false },
  unauthorized: { status: 401, title: 'The token is missing or not accepted.', retryable: true },
  forbidden: { status: 403, title: 'The principal may not do this.', retryable: false },
  'not-found': { status: 404, title: 'There is no such thing here.', retryable: false },
  'method-not-allowed': { status: 405, title: 'The method does not fit the resource.', retryable: false },
  'in-flight': { status: 409, title: 'A request with this key is being worked on.', retryable: true },
  'epoch-changed': { status: 409, title: "The server's data has begun a new life.", retryable: true },
  'patch-failed': { status: 409, title: 'The patch does not apply to the stored entity.', retryable: false },
  deleted: { status: 410, title: 'The entity is deleted.', retryable: false },
  'cursor-expired': { status: 410, title: 'The feed no longer reaches back to this cursor.', retryable: true },
  'precondition-failed': { status: 412, title: 'The stored entity has another version.', retryable: false },
  'too-large': { status: 413, title: 'The request is larger than this server accepts.', retryable: false },
  'unsupported-media-type': { status: 415, title: 'The content type is not supported here.', retryable: false },
  'key-reused': { status: 422, title: 'The key belongs to a request with other content.', retryable: false },
  'invalid-patch': { status: 422, title: 'The patch is not valid.', retryable: false },
  'invalid-entity': { status: 422, title: 'The entity is not valid.', retryable: false },
  'not-attempted': { status: 424, title: 'An earlier request for this entity failed.', retryable: true },
  'precondition-required': { status: 428, title: 'Writes need If-Match or If-None-Match.', retryable: false },
  'rate-limited': { status: 429, title: 'Too many requests.', retryable: true },
  internal: { status: 500, title: 'The server failed.', retryable: true },
  unavailable: { status: 503, title: 'The server cannot answer now.', retryable: true },
} as const satisfies Record<string, Kind>;

/** The closed set of problems, each with one status. */
export type ProblemCode = keyof typeof kinds;

/** Problem details (RFC 9457) with a stable `type` and whether trying again can help. */
export interface Problem {
  readonly type: `urn:syncline:problem:${ProblemCode}`;
  readonly title: string;
  readonly status: number;
  readonly retryable: boolean;
  readonly detail?: string;
  /** The stored record, where the version was another: no second request is needed. */
  readonly current?: RecordJson;
  /** The epoch of the server's data. */
  readonly epoch?: string;
  /** What validation found. */
  readonly issues?: Json;
  readonly channel?: string;
}

type Details = Pick<Problem, 'detail' | 'current' | 'epoch' | 'issues' | 'channel'>;

/** A problem of a kind. `details` never hold a stack, a statement or a token. */
export function createProblem(code: ProblemCode, details: Details = {}): Problem {
  return { type: `urn:syncline:problem:${code}`, ...kinds[code], ...details };
}

/** Ends the handling of a request with a problem. */
export class ProblemError extends Error {
  readonly problem: Problem;
  /** Seconds for `Retry-After`. */
  readonly retryAfterS: number | null;
  constructor(problem: Problem, retryAfterS: number | null = null) {
    super(problem.title);
    this.name = 'ProblemError';
    this.problem = problem;
    this.retryAfterS = retryAfterS;
  }
}

/** Shorthand to throw. */
export function fail(code: ProblemCode, details: Details = {}, retryAfterS: number | null = null): never {
  throw new ProblemError(createProblem(code, details), retryAfterS);
}
