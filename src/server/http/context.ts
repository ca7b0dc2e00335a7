import type { Access } from '../access.ts';
import type { FeedReader } from '../feed-reader.ts';
import type { Limits } from '../limits.ts';
import type { Principal } from '../options.ts';
import type { Store } from '../ports/store.ts';
import type { Writer } from '../writer.ts';

/** What the routes work with. */
export interface RouteContext {
  readonly store: Store;
  readonly writer: Writer;
  readonly feed: FeedReader;
  readonly access: Access;
  readonly limits: Limits;
}

/** What a request carries from one handler to the next. */
export interface RequestVariables {
  readonly Variables: { principal: Principal };
}
