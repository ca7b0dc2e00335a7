import type { ISyncEntity } from '../core/entity.ts';
import type { Clock } from '../ports/environment.ts';
import type { StandardSchemaV1 } from '../ports/schema.ts';
import type { Limits } from './limits.ts';
import type { FanOut } from './ports/fan-out.ts';
import type { Store } from './ports/store.ts';

/**
 * Who asks. `id` scopes idempotency keys, limits and sockets. The rest are the app's claims, as JSON: a reader whose claims are
 * other ones than before gets a snapshot of what it may read now. So claim what the permissions follow from, such as roles or a
 * revision of them, and nothing that changes with every token: a permission that changes without claim and entity is not told.
 */
export interface Principal {
  readonly id: string;
  readonly [claim: string]: unknown;
}

/**
 * Who a token belongs to; null refuses it (401). The token comes from `Authorization: Bearer` or from the `hello` frame;
 * `request` has the headers of the request or of the upgrade. One that throws, rejects or
 * does not answer in time is an outage (503), never a refusal.
 */
export type Authenticate = (token: string | null, request: Request) => Promise<Principal | null> | Principal | null;

/**
 * Whether the principal may read or write the entity. For a write it is asked about the stored entity and about the new
 * one; for a channel, and for an entity that is not there, about the collection, with null. It may be asked twice about
 * one write, several times at once, and must have no effects. One that throws, rejects or does not answer in time is an
 * outage (503), also when it is asked about a collection: whoever cannot judge that without an entity answers true.
 */
export type Authorize = (
  principal: Principal,
  action: 'read' | 'write',
  collection: string,
  entity: ISyncEntity | null,
) => boolean | Promise<boolean>;

/** How a server is made; everything has a default. */
export interface SyncServerOptions {
  /** A SQLite file, `':memory:'`, or a store of your own, which stays open; default `./.syncline/server.db`. */
  readonly database?: string | Store;
  /**
   * The SQLite file was put back from a backup, so it lacks what clients were told since: its data begins a new life (a new
   * epoch) with this start. Clients then fetch everything anew, and send what they have that was not acknowledged; they cannot
   * tell by themselves, since versions come again. Default false.
   */
  readonly restored?: boolean;
  /** What wakes readers after a commit: `'local'`, this process, or one of your own, which stays open; default `'local'`. */
  readonly fanout?: 'local' | FanOut;
  /** Default: everyone is the principal `anonymous`. */
  readonly authenticate?: Authenticate;
  /** Default: everyone may do everything. */
  readonly authorize?: Authorize;
  /** Checks, and may complete, the entities of a collection before they are stored. */
  readonly validate?: Readonly<Record<string, StandardSchemaV1>>;
  /** Origins that may call from a browser, such as `https://app.example`; `'*'` is any. Default: the own origin only. */
  readonly origins?: readonly string[];
  readonly limits?: Partial<Limits>;
  /** Told of what clients see as a 500, and why a hook failed; default: printed to the standard error. */
  readonly reportFailure?: (error: unknown) => void;
  /** Time; injected by tests. */
  readonly clock?: Clock;
  /** Uniform in [0, 1): where epochs and session ids come from; injected by tests. */
  readonly random?: () => number;
}
