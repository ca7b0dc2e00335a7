import type { Access } from '../access.ts';
import { parseCursor } from '../cursor.ts';
import { hooksAtOnce } from '../hooks.ts';
import type { Limits } from '../limits.ts';
import { mapLimited } from '../map-limited.ts';
import { checkPlace } from '../place.ts';
import type { FeedBounds, Store } from '../ports/store.ts';
import { createProblem, ProblemError, type Problem } from '../problem.ts';
import { toEntityJson } from '../record-json.ts';
import type { FeedWindow } from './feed-window.ts';
import type { WantedChannel } from './frames.ts';
import type { Identity } from './identity.ts';
import type { ServerFrame } from './outbox.ts';
import { parseChannel, type Subscription, type Subscriptions } from './subscriptions.ts';

/** Lets a session follow channels, each only if its principal may read it. Rejects when the app's hook fails. */
export interface ChannelGate {
  /**
   * Follows what may be followed, and gives the frames that tell of it: an `error` for each refusal, one `resync` when a cursor
   * leads nowhere.
   */
  follow(wanted: readonly WantedChannel[]): Promise<readonly ServerFrame[]>;
  leave(channels: readonly WantedChannel[]): void;
  /** Leaves the channels that the principal may no longer read, and gives the `error` frames that tell so. */
  recheck(): Promise<readonly ServerFrame[]>;
}

const tooMany = createProblem('too-large', { detail: 'Too many channels.' });

/** A gate in front of the `subscriptions` of one session. */
export function createChannelGate(ports: {
  readonly store: Store;
  readonly access: Access;
  readonly limits: Limits;
  readonly window: FeedWindow;
  readonly subscriptions: Subscriptions;
  readonly identity: Identity;
}): ChannelGate {
  const { store, access, limits, window, subscriptions, identity } = ports;

  const mayFollow = async (channel: string): Promise<boolean> => {
    const { collection, id } = parseChannel(channel);
    checkPlace(collection, id ?? 'any');
    const stored = id === null ? null : await store.read((reader) => reader.entity(collection, id));
    return access.may(identity.principal(), 'read', collection, stored === null ? null : toEntityJson(stored));
  };
  const refusalOf = async (channel: string): Promise<Problem | null> => {
    try {
      return (await mayFollow(channel)) ? null : createProblem('forbidden');
    } catch (error) {
      if (error instanceof ProblemError && error.problem.status === 400) return error.problem;
      throw error;
    }
  };
  const refusalsOf = (channels: readonly string[]) => mapLimited(channels, hooksAtOnce, refusalOf);
  const isOneTooMany = (channel: string): boolean =>
    !subscriptions.has(channel) && subscriptions.size() >= limits.channelsPerSocket;
  const placeOf = (text: string, { floor, head }: FeedBounds): Subscription | null => {
    const cursor = parseCursor(text);
    const isOwn = cursor !== null && cursor.epoch === store.epoch && cursor.claims === identity.claims();
    const isInFeed = isOwn && cursor.seq >= floor && cursor.seq <= head;
    return isInFeed ? { seq: cursor.seq, holdsBase: cursor.after === undefined } : null;
  };

  return {
    async follow(wanted) {
      window.refresh();
      const bounds = await store.read((reader) => reader.bounds());
      const refusals = await refusalsOf(wanted.map(({ channel }) => channel));
      const frames: ServerFrame[] = [];
      let leadsNowhere = false;
      for (const [index, { channel, cursor }] of wanted.entries()) {
        const problem = refusals[index] ?? (isOneTooMany(channel) ? tooMany : null);
        if (problem !== null) {
          frames.push({ type: 'error', problem, channel });
          continue;
        }
        const known = cursor === null ? null : placeOf(cursor, bounds);
        leadsNowhere ||= cursor !== null && known === null;
        subscriptions.add(channel, known ?? { seq: bounds.head, holdsBase: false });
      }
      if (leadsNowhere) frames.push({ type: 'resync', epoch: store.epoch });
      return frames;
    },
    leave(channels) {
      for (const { channel } of channels) subscriptions.remove(channel);
    },
    async recheck() {
      const channels = subscriptions.channels();
      const refusals = await refusalsOf(channels);
      return channels.flatMap((channel, index): readonly ServerFrame[] => {
        const problem = refusals[index] ?? null;
        if (problem === null) return [];
        subscriptions.remove(channel);
        return [{ type: 'error', problem, channel }];
      });
    },
  };
}
