import { Subject } from 'rxjs';
import type { TabChannelPort } from '../../ports/environment.ts';

/**
 * Channels between everybody who has this object, as between the tabs of an origin. Messages are cloned when they are posted and arrive
 * after the caller has finished, in order; a channel does not hear itself.
 */
export function createTestTabs(): TabChannelPort {
  const membersByName = new Map<string, Set<Subject<unknown>>>();

  return {
    open(name) {
      const members = membersByName.get(name) ?? new Set();
      membersByName.set(name, members);
      const messages$ = new Subject<unknown>();
      members.add(messages$);
      return {
        post(message) {
          if (!members.has(messages$)) return;
          const others = [...members].filter((member) => member !== messages$);
          for (const other of others) {
            const copy: unknown = structuredClone(message);
            globalThis.queueMicrotask(() => other.next(copy));
          }
        },
        messages$: messages$.asObservable(),
        close() {
          members.delete(messages$);
          messages$.complete();
        },
      };
    },
  };
}
