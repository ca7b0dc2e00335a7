import type { ChangeJson } from '../../src/server/change-json.ts';
import type { AnyCollections, ConflictRecord, ISyncService } from '../../src/index.ts';

/** The field that every client of the test writes over and over. */
export const contested = { collection: 'board', id: 'title' } as const;

/** What clients wrote to the contested field, each time another text, and what they saw before. */
export interface Contest {
  /** Writes to the field as this client shows it. Before it is known, nothing. */
  write(sync: ISyncService<AnyCollections>, text: string): void;
  /** G6: texts that were taken from the server by one who had not seen them, and of which no record tells. */
  silent(history: readonly ChangeJson[], records: readonly ConflictRecord[]): readonly string[];
}

/** The field before anybody wrote it. */
export function createContest(): Contest {
  const seenBefore = new Map<string, string>();

  const hasSeen = (text: string, other: string): boolean => {
    for (let each = seenBefore.get(text); each !== undefined; each = seenBefore.get(each)) {
      if (each === other) return true;
    }
    return false;
  };

  return {
    write(sync, text) {
      const collection = sync.collection(contested.collection);
      const shown = collection.get(contested.id);
      if (shown === undefined) return;
      seenBefore.set(text, shown['text'] as string);
      collection.patch(contested.id, { text });
    },
    silent(history, records) {
      const texts = history
        .filter(({ collection, id }) => collection === contested.collection && id === contested.id)
        .map(({ entity }) => entity?.['text'] as string);
      return texts.flatMap((text, at) => {
        const before = texts[at - 1];
        if (before === undefined || before === text || hasSeen(text, before)) return [];
        const isTold = records.some(({ local, remote }) =>
          [local, remote].some((side) => (side as { text?: string } | null)?.text === before),
        );
        return isTold ? [] : [`G6 ${text} took ${before} away and no conflict says so`];
      });
    },
  };
}
