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

/** No channels yet. */
export function createSubscriptions(): Subscriptions {
  const byChannel = new Map<string, Subscription>();
  const channelsOf = new Map<string, number>();

  const count = (channel: string, change: 1 | -1): void => {
    const { collection } = parseChannel(channel);
    const channels = (channelsOf.get(collection) ?? 0) + change;
    if (channels === 0) channelsOf.delete(collection);
    else channelsOf.set(collection, channels);
  };

  return {
    add(channel, subscription) {
      if (!byChannel.has(channel)) count(channel, 1);
      byChannel.set(channel, subscription);
    },
    remove(channel) {
      if (byChannel.delete(channel)) count(channel, -1);
    },
    size: () => byChannel.size,
    has: (channel) => byChannel.has(channel),
    channels: () => [...byChannel.keys()],
    collections: () => [...channelsOf.keys()],
    followsAny: (collections) => collections.some((collection) => channelsOf.has(collection)),
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
