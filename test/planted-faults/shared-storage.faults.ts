import type * as SegmentWriter from '../../src/journal/segment-writer.ts';
import type * as Throne from '../../src/journal/throne.ts';
import type * as DraftImports from '../../src/service/draft-imports.ts';
import type * as Reigns from '../../src/store/reigns.ts';
import { replacing } from './replacement.ts';
import type { SimulationFault } from './simulation-fault.ts';

/** Faults in how the tabs of one device share a storage. */
export const sharedStorageFaults: readonly SimulationFault[] = [
  {
    name: 'whoever leads holds the throne, whatever was claimed since',
    breaks: ['G1', 'G2', 'G18'],
    replacements: [
      replacing<typeof Throne>('../../src/journal/throne.ts', ({ createThrone }) => ({
        createThrone: (...about) => ({ ...createThrone(...about), isHeld: () => true }),
      })),
    ],
    tabs: 3,
    shape: { locks: 'breaking' },
  },
  {
    name: 'a segment is stored without the fence',
    breaks: ['G1', 'G2', 'G18'],
    replacements: [
      replacing<typeof SegmentWriter>('../../src/journal/segment-writer.ts', ({ createSegmentWriter }) => ({
        createSegmentWriter: (options) => createSegmentWriter({ ...options, fence: () => null }),
      })),
    ],
    tabs: 3,
    shape: { locks: 'breaking' },
  },
  {
    name: 'a new reign is over nothing that it has read',
    breaks: ['G1', 'G2', 'G5'],
    replacements: [replacing<typeof Reigns>('../../src/store/reigns.ts', () => ({ overAfter: () => ({}) }))],
    tabs: 3,
  },
  {
    name: 'what other tabs drafted is called imported and is not taken up',
    breaks: ['G1'],
    replacements: [
      replacing<typeof DraftImports>('../../src/service/draft-imports.ts', ({ createDraftImports }) => ({
        createDraftImports: (parts) => createDraftImports({ ...parts, take: () => undefined }),
      })),
    ],
    tabs: 3,
  },
];
