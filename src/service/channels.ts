import { Subject } from 'rxjs';
import type { ISyncEntity } from '../core/entity.ts';
import type { RemoteChange } from '../core/record.ts';
import { createTickTask } from './tick.ts';

export type ChannelListener = (entity: ISyncEntity | null, change: RemoteChange) => void;

/** Listeners to remote changes, by channel: `users`, or `users/42`. */
export interface Channels {
  /** Returns its end. */
  listen(channel: string, listener: ChannelListener): () => void;
  /** At the end of the tick. */
  tell(foreign: readonly { readonly change: RemoteChange }[]): void;
  close(): void;
}

/** `read`: the view of an entity, with what is pending over it. */
export function createChannels(read: (collection: string, id: string) => ISyncEntity | null): Channels {
  const subjects = new Map<string, Subject<RemoteChange>>();
  let waiting: RemoteChange[] = [];

  const tick = createTickTask(() => {
    const changes = waiting;
    waiting = [];
    for (const change of changes) {
      subjects.get(change.collection)?.next(change);
      subjects.get(`${change.collection}/${change.id}`)?.next(change);
    }
  });

  return {
    listen(channel, listener) {
      const subject = subjects.get(channel) ?? new Subject<RemoteChange>();
      subjects.set(channel, subject);
      const subscription = subject.subscribe((change) => listener(read(change.collection, change.id), change));
      return () => {
        subscription.unsubscribe();
        if (!subject.observed) subjects.delete(channel);
      };
    },
    tell(foreign) {
      if (subjects.size === 0 || foreign.length === 0) return;
      for (const { change } of foreign) waiting.push(change);
      tick.request();
    },
    close() {
      for (const subject of subjects.values()) subject.complete();
      subjects.clear();
    },
  };
}
