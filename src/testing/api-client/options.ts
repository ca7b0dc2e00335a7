import type { ISyncEntity } from '../../core/entity.ts';
import type { ApiClient } from '../../ports/api-client.ts';
import type { ConformanceRunOptions } from '../conformance/run-rules.ts';

/** A client and what belongs to it, opened anew for each rule. The backend behind may be the same for all, and need not be empty. */
export interface ApiClientUnderTest {
  readonly client: ApiClient;
  close?(): void | Promise<void>;
  /**
   * Kills the backend's process without warning (SIGKILL, power off), starts it again on the same data and gives a client of it. Without
   * it nobody can see whether the backend acknowledges only what is durable.
   */
  restart?(): Promise<ApiClient>;
  /** The same with a token that the backend does not accept. */
  readonly unauthorized?: ApiClient;
}

/** Data that the backend accepts. */
export interface SampleData {
  /** Two collections that it has. */
  readonly collection: string;
  readonly otherCollection: string;
  /** A field at the top of an entity that holds any text. */
  readonly field: string;
  /** An entity, the same for the same arguments: `text` in the field `field`, and whatever the backend asks for besides. */
  readonly entity: (id: string, text: string) => Readonly<Record<string, unknown>>;
  /** An id that was never used; default: a hint and a UUID. With it, the rule about unusual ids is skipped. */
  readonly newId?: () => string;
}

/** How an ApiClient is examined. */
export interface ApiClientConformanceOptions extends ConformanceRunOptions {
  /** Default: collections `notes` and `tasks`, entities with a title, tags and some nesting. */
  readonly sample?: SampleData;
  /** `compare`: the backend has no versions, and its collections have the option `detectConflicts: 'compare'`. Default `server`. */
  readonly detectConflicts?: 'server' | 'compare';
  /** How long a call may take; default 5,000. */
  readonly timeoutMs?: number;
}

/** A sample's entity as an ApiClient gets it. */
export type SampleEntity = ISyncEntity & Readonly<Record<string, unknown>>;

/** What is used unless a sample is given. */
export const defaultSample: SampleData = {
  collection: 'notes',
  otherCollection: 'tasks',
  field: 'title',
  entity: (id, text) => ({
    id,
    title: text,
    tags: ['ü', '👩‍🚀', ''],
    nested: { zero: 0, none: null, no: false, list: [1.5, [], {}] },
  }),
};
