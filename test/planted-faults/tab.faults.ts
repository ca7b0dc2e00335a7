import type * as Reigns from '../../src/store/reigns.ts';
import type * as SharedLog from '../model/shared-log.ts';
import type * as Tab from '../model/tab.ts';
import type { ModelFault } from './model-fault.ts';
import { replacing } from './replacement.ts';

const isReign = ({ type }: Reigns.Logged['entry']): boolean => type === 'reign';

/** Faults between the tabs of one device. */
export const tabFaults: readonly ModelFault[] = [
  {
    name: 'a leader does not look whether another one has taken over',
    breaks: ['G1', 'G2', 'G5'],
    model: 'tabs',
    replacements: [replacing<typeof SharedLog>('../model/shared-log.ts', () => ({ holdsThrone: () => true }))],
  },
  {
    name: 'what a leader appends after another one has taken over counts',
    breaks: ['G1', 'G2', 'G5'],
    model: 'tabs',
    replacements: [
      replacing<typeof Reigns>('../../src/store/reigns.ts', ({ orderLogs }) => ({
        orderLogs: (segments, known) =>
          orderLogs(
            segments.map((segment) => ({
              ...segment,
              entries: segment.entries.filter((entry) => !isReign(entry)),
            })),
            known,
          ),
      })),
    ],
  },
  {
    name: 'a reign names nothing that it has read',
    breaks: ['G1', 'G2', 'G5'],
    model: 'tabs',
    replacements: [replacing<typeof Reigns>('../../src/store/reigns.ts', () => ({ overAfter: () => ({}) }))],
  },
  {
    name: 'drafts are called imported and are not in the log',
    breaks: ['G1'],
    model: 'tabs',
    replacements: [
      replacing<typeof Tab>('../model/tab.ts', ({ importDrafts, takeOver }) => ({
        importDrafts: (tab, storage) => {
          const leader = importDrafts(tab, storage);
          return leader && withoutImports(leader);
        },
        takeOver: (tab, storage) => withoutImports(takeOver(tab, storage)),
      })),
    ],
  },
  {
    name: 'what was imported is imported again by the next leader',
    breaks: ['G2', 'G5'],
    model: 'tabs',
    replacements: [
      replacing<typeof Reigns>('../../src/store/reigns.ts', ({ orderLogs }) => ({
        orderLogs: (segments, known) => {
          const ordered = orderLogs(segments, known);
          return { ...ordered, log: ordered.log.filter(({ entry }) => entry.type !== 'imported') };
        },
      })),
    ],
  },
];

function withoutImports(tab: Tab.TabState): Tab.TabState {
  return {
    ...tab,
    unstored: tab.unstored.filter((entry) => entry.type !== 'entity' || entry.from === undefined),
  };
}
