import type { ISyncEntity } from './entity.ts';
import type { Json } from './json.ts';

/** How one field is merged when both sides changed it. A function gets the three values and returns the result. */
export type FieldPolicy =
  | 'client-wins'
  | 'server-wins'
  | 'last-write-wins'
  | 'union'
  | 'counter'
  | 'manual'
  | ((base: Json | undefined, local: Json | undefined, remote: Json | undefined) => Json);

/** Field policies by JSON Pointer; a `*` token stands for any key or row. */
export type FieldPolicies = Readonly<Record<string, FieldPolicy>>;

/** Base, local and remote of one entity differ. */
export interface Conflict {
  id: string;
  collection: string;
  entityId: string;
  /** Null: the entity did not exist when the local change was made. */
  base: ISyncEntity | null;
  /** Null: deleted here. */
  local: ISyncEntity | null;
  /** Null: deleted on the backend. */
  remote: ISyncEntity | null;
  /** JSON Pointers of what both sides changed; empty when the changes are disjoint. */
  paths: readonly string[];
  localTimestamp: string;
  remoteTimestamp: string | null;
}

/** The outcome of a conflict: an entity, null to delete, or `'manual'` to wait for the app's decision. */
export type Resolution = { entity: ISyncEntity | null } | 'manual';

/** Decides a conflict. A throw, a rejection, a timeout or an entity of another id leaves it to the app, as `'manual'`. */
export type ConflictResolver = (conflict: Conflict) => Resolution | Promise<Resolution>;

/** How a conflict is decided without code of the app. `merge`: field by field. `manual`: not at all, it stays open. */
export type BuiltInStrategy = 'last-write-wins' | 'merge' | 'client-wins' | 'server-wins' | 'manual';

/** How the conflicts of a service or a collection are decided. */
export type ConflictStrategy = BuiltInStrategy | ConflictResolver;

/** What stays of every conflict, automatic or not. */
export interface ConflictRecord extends Conflict {
  /** `'custom'` for a resolver function. */
  strategy: BuiltInStrategy | 'custom';
  status: 'open' | 'resolved';
  /** What became of it; null: deleted. */
  resolved?: ISyncEntity | null;
  /** ISO 8601. */
  detectedAt: string;
  resolvedAt?: string;
}
