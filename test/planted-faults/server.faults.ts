import type * as MemoryStore from '../../src/server/adapters/memory-store.ts';
import type * as Turns from '../../src/server/adapters/turns.ts';
import type * as PageRows from '../../src/server/page-rows.ts';
import { replacing } from './replacement.ts';
import type { ServerFault } from './server-fault.ts';

/** Faults in what the server tells of its feed. */
export const serverFaults: readonly ServerFault[] = [
  {
    name: 'the cursor of a page is past sequence numbers that were given out and are not committed',
    replacements: [
      replacing<typeof MemoryStore>('../../src/server/adapters/memory-store.ts', ({ createMemoryStore }) => ({
        createMemoryStore(epoch) {
          const store = createMemoryStore(epoch);
          let givenOut = 0;
          return {
            ...store,
            read: (work) =>
              store.read((reader) =>
                work({
                  ...reader,
                  bounds: async () => {
                    const { floor, head } = await reader.bounds();
                    return { floor, head: head + givenOut };
                  },
                }),
              ),
            transaction(work) {
              givenOut += 1;
              return store.transaction(work).finally(() => {
                givenOut -= 1;
              });
            },
          };
        },
      })),
    ],
  },
  {
    name: 'a reader does not wait for the transaction that is under way',
    replacements: [
      replacing<typeof Turns>('../../src/server/adapters/turns.ts', () => ({
        createTurns: () => ({ take: (work) => work(), end: async () => {} }),
      })),
    ],
  },
  {
    name: 'a page of one change says that it is the last',
    replacements: [
      replacing<typeof PageRows>('../../src/server/page-rows.ts', ({ readPageRows }) => ({
        readPageRows: async (read, bounds) => {
          const { rows, hasMore } = await readPageRows(read, bounds);
          return { rows, hasMore: hasMore && rows.length > 1 };
        },
      })),
    ],
  },
];
