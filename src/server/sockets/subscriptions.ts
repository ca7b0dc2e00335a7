import type { StoredChange } from '../ports/store.ts';

/** One followed channel. Everything in the feed up to `seq` has been sent or is not wanted. */
export interface Subscription {
  seq: number;
  /** Whether the receiver holds what every later change builds on, so that a patch will do. */
  readonly holdsBase: boolean;
}

/** The channels of one socket with the place in the feed that each has reached. */
export interface Subscriptions {
  add(channel: string, subscription: Subscription): void;
  remove(channel: string): void;
  size(): number;
  has(channel: string): boolean;
  channels(): readonly string[];
  collections(): readonly string[];
  followsAny(collections: readonly string[]): boolean;
  /** The place of the channel that is furthest behind; null without channels. */
  lowest(): number | null;
  /** Those that the change concerns and that have not got it. */
  behind(change: StoredChange): readonly Subscription[];
  all(): readonly Subscription[];
}

export function createSubscriptions(): Subscriptions {
  const byChannel = new Map<string, Subscription>();
  const collections = (): string[] => [
    ...new Set([...byChannel.keys()].map((channel) => parseChannel(channel).collection)),
  ];
  return {
    add: (channel, subscription) => void byChannel.set(channel, subscription),
    remove: (channel) => void byChannel.delete(channel),
    size: () => byChannel.size,
    has: (channel) => byChannel.has(channel),
    channels: () => [...byChannel.keys()],
    collections,
    followsAny: (names) => collections().some((collection) => names.includes(collection)),
    lowest() {
      let lowest: number | null = null;
      for (const { seq } of byChannel.values()) lowest = lowest === null ? seq : Math.min(lowest, seq);
      return lowest;
    },
    behind({ collection, id, seq }) {
      const concerned = [byChannel.get(collection), byChannel.get(`${collection}/${id}`)];
      return concerned.filter((subscription) => subscription !== undefined && subscription.seq < seq) as Subscription[];
    },
    all: () => [...byChannel.values()],
  };
}

/** Splits a channel at its first `/` (S41). `id: null` is the whole collection. */
export function parseChannel(channel: string): { readonly collection: string; readonly id: string | null } {
  const slash = channel.indexOf('/');
  return slash === -1
    ? { collection: channel, id: null }
    : { collection: channel.slice(0, slash), id: channel.slice(slash + 1) };
}
