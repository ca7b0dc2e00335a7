import type { RawDatabase } from './database.ts';

/** One record per batch of writes: whatever is appended while one is written shares the next. */
export interface RawJournal {
  /** Resolves when the text is stored. */
  append(text: string): Promise<void>;
}

export function createRawJournal(database: RawDatabase): RawJournal {
  let texts: string[] = [];
  let next = createGate();
  let isWriting = false;
  let position = 0;

  async function write(): Promise<void> {
    await Promise.resolve();
    while (texts.length > 0) {
      const batch = texts;
      const { resolve } = next;
      texts = [];
      next = createGate();
      position += 1;
      await database.put(position, `[${batch.join(',')}]`);
      resolve();
    }
    isWriting = false;
  }

  return {
    async append(text) {
      texts.push(text);
      const { promise } = next;
      if (!isWriting) {
        isWriting = true;
        void write();
      }
      await promise;
    },
  };
}

function createGate(): { readonly promise: Promise<void>; resolve(): void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((onResolved) => {
    resolve = onResolved;
  });
  return { promise, resolve };
}
