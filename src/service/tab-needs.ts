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
  const needsByTab = new Map<string, TabNeeds>();
  let isOwnWish = false;

  const isWanted = () => isOwnWish || [...needsByTab.values()].some(({ realTime }) => realTime);

  function judge(change: () => void): void {
    const before = isWanted();
    change();
    const after = isWanted();
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
      judge(() => {
        if (needs) needsByTab.set(tab, needs);
        else needsByTab.delete(tab);
      });
      for (const collection of needs?.collections ?? []) follow(collection);
      following.followElsewhere([...needsByTab.values()].flatMap(({ channels }) => channels));
    },
  };
}
