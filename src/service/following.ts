import { Observable, Subject } from 'rxjs';
import type { RealTimeChannel } from '../ports/real-time.ts';
import type { Replica } from '../store/replica.ts';

/** Which feeds are followed: collections that were declared, subscribed or hold local data (S41). */
export interface Following {
  /** Returns whether the collection is new among them. */
  follow(collection: string): boolean;
  collections(): string[];
  /** One entity of a collection that need not be followed as a whole. Returns its end. */
  followEntity(channel: string): () => void;
  /** All single entities that other tabs follow. Nothing that this tab needs. */
  followElsewhere(channels: readonly string[]): void;
  /** The backend does not bring this channel over the connection: what it leaves is asked for, single entities too. */
  refuse(channel: string): void;
  /** Something that is followed was refused. */
  hasRefused(): boolean;
  /** Refused channels are asked for again. */
  reconsider(): void;
  /** The socket was asked for all changes of the collection, and brings them. */
  isWhole(collection: string): boolean;
  /** Single entities that this tab follows, as `users/42`. */
  entities(): string[];
  /** This tab follows something, or no longer. */
  readonly changed$: Observable<void>;
  /** Channels with the cursors that they are at, current value first. */
  readonly channels$: Observable<readonly RealTimeChannel[]>;
}

export function createFollowing(replica: Replica, declared: readonly string[]): Following {
  const followed = new Set(declared);
  const entityChannels = new Map<string, number>();
  const changed$ = new Subject<void>();
  const elsewhere$ = new Subject<void>();
  const refused$ = new Subject<void>();
  const refused = new Set<string>();
  let elsewhere = new Set<string>();
  let asked: ReadonlySet<string> = new Set();

  const collections = () => [...new Set([...followed, ...replica.collections()])];

  function channels(): RealTimeChannel[] {
    const whole = collections().filter((collection) => !refused.has(collection));
    asked = new Set(whole);
    const single = [...new Set([...entityChannels.keys(), ...elsewhere])].filter(
      (channel) => !refused.has(channel) && !whole.includes(channel.slice(0, channel.indexOf('/'))),
    );
    return [
      ...whole.map((channel) => ({ channel, cursor: replica.feed.cursors.get(channel) ?? null })),
      ...single.map((channel) => ({ channel, cursor: null })),
    ];
  }

  return {
    follow(collection) {
      if (followed.has(collection)) return false;
      followed.add(collection);
      changed$.next();
      return true;
    },
    collections,
    followEntity(channel) {
      entityChannels.set(channel, (entityChannels.get(channel) ?? 0) + 1);
      changed$.next();
      return () => {
        const left = (entityChannels.get(channel) ?? 1) - 1;
        if (left > 0) entityChannels.set(channel, left);
        else entityChannels.delete(channel);
        changed$.next();
      };
    },
    followElsewhere(channels) {
      const before = elsewhere;
      elsewhere = new Set(channels);
      if (elsewhere.size !== before.size || channels.some((channel) => !before.has(channel))) elsewhere$.next();
    },
    refuse(channel) {
      refused.add(channel);
      refused$.next();
    },
    hasRefused: () => refused.size > 0,
    reconsider() {
      if (refused.size === 0) return;
      refused.clear();
      refused$.next();
    },
    entities: () => [...entityChannels.keys()],
    changed$,
    isWhole: (collection) => asked.has(collection),
    channels$: new Observable((subscriber) => {
      const tell = () => subscriber.next(channels());
      tell();
      for (const source$ of [changed$, elsewhere$, refused$]) subscriber.add(source$.subscribe(tell));
    }),
  };
}
