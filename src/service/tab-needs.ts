import type { Following } from './following.ts';
import type { TabNeeds } from './tab-message.ts';

/** What all tabs together need the leader to listen to. */
export interface SharedNeeds {
  /** Of this tab alone. */
  own(): TabNeeds;
  /** This tab's app switches real time on or off. */
  want(realTime: boolean): void;
  /** Null: the tab is gone. */
  heard(tab: string, needs: TabNeeds | null): void;
}

/** `realTimeWanted`: called when the first tab wants real time, and when none does any more. */
export function createSharedNeeds(
  following: Following,
  follow: (collection: string) => void,
  realTimeWanted: (isWanted: boolean) => void,
): SharedNeeds {
  const endsByTab = new Map<string, (() => void)[]>();
  const wanting = new Set<string>();
  let isOwnWish = false;

  function judge(change: () => void): void {
    const before = isOwnWish || wanting.size > 0;
    change();
    const after = isOwnWish || wanting.size > 0;
    if (before !== after) realTimeWanted(after);
  }

  return {
    own: () => ({ collections: following.collections(), channels: following.entities(), realTime: isOwnWish }),
    want(realTime) {
      judge(() => {
        isOwnWish = realTime;
      });
    },
    heard(tab, needs) {
      for (const end of endsByTab.get(tab) ?? []) end();
      endsByTab.delete(tab);
      judge(() => {
        if (needs?.realTime) wanting.add(tab);
        else wanting.delete(tab);
      });
      if (!needs) return;
      for (const collection of needs.collections) follow(collection);
      endsByTab.set(
        tab,
        needs.channels.map((channel) => following.followEntity(channel)),
      );
    },
  };
}
