/**
 * Wakes readers of the feed after a commit, in this process or in others. A notification is only a wake-up: what
 * happened is read from the feed, so a lost one costs delay and never data.
 */
export interface FanOut {
  /** Tells every listener, the own process included, which collections have new changes. Never throws. */
  publish(collections: readonly string[]): void;
  /** Returns the end of the subscription. */
  subscribe(listener: (collections: readonly string[]) => void): () => void;
  /** Idempotent. */
  close(): Promise<void>;
}
