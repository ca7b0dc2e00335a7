import type * as CheckpointSchedule from '../../src/journal/checkpoint-schedule.ts';
import type * as GroupQueue from '../../src/journal/group-queue.ts';
import type * as GuardedStorage from '../../src/journal/guarded-storage.ts';
import type * as Manifest from '../../src/journal/manifest.ts';
import type * as PageRecord from '../../src/journal/page-record.ts';
import type { Position } from '../../src/journal/position.ts';
import type * as Reigns from '../../src/store/reigns.ts';
import { replacing } from './replacement.ts';
import type { SimulationFault } from './simulation-fault.ts';

/** Faults in what is durable, and when it is said to be. */
export const storageFaults: readonly SimulationFault[] = [
  {
    name: 'a write is called durable before it is stored',
    breaks: ['G1'],
    replacements: [
      replacing<typeof GroupQueue>('../../src/journal/group-queue.ts', ({ createGroupQueue }) => ({
        createGroupQueue: (isLocalWrite) => {
          const queue = createGroupQueue(isLocalWrite);
          const { append } = queue;
          return Object.assign(queue, {
            append: (...call: Parameters<typeof append>) => ({ ...append(...call), durable: Promise.resolve() }),
          });
        },
      })),
    ],
    clients: 1,
    plan: { crashes: 5 },
  },
  {
    name: 'a storage that refuses is taken for one that stored',
    breaks: ['G1', 'G19'],
    replacements: [
      replacing<typeof GuardedStorage>('../../src/journal/guarded-storage.ts', ({ createGuardedStorage }) => ({
        createGuardedStorage: (...made) => {
          const storage = createGuardedStorage(...made);
          const { set } = storage;
          return Object.assign(storage, {
            set: (...call: Parameters<typeof set>) => set(...call).catch(() => undefined),
          });
        },
      })),
    ],
    plan: { storageErrors: 0.1, crashes: 5 },
  },
  {
    name: 'a manifest claims to contain a segment that its pages do not contain',
    breaks: ['G1', 'G4', 'G5'],
    replacements: [
      replacing<typeof PageRecord>('../../src/journal/page-record.ts', ({ formatPage }) => ({
        formatPage: (record) => formatPage({ ...record, position: beyond(record.position) }),
      })),
      replacing<typeof Manifest>('../../src/journal/manifest.ts', ({ formatManifest }) => ({
        formatManifest: (manifest) =>
          formatManifest({
            ...manifest,
            position: beyond(manifest.position),
            covered: beyond(manifest.covered),
          }),
      })),
    ],
    setting: [
      replacing<typeof CheckpointSchedule>('../../src/journal/checkpoint-schedule.ts', (real) => ({
        createCheckpointSchedule: (options) => real.createCheckpointSchedule({ ...options, threshold: () => 1 }),
      })),
    ],
    plan: { crashes: 5 },
  },
  {
    name: 'recovery takes the newest segments first',
    breaks: ['G1', 'G2', 'G4', 'G5'],
    replacements: [
      replacing<typeof Reigns>('../../src/store/reigns.ts', ({ orderLogs }) => ({
        orderLogs: (segments, known) => orderLogs(segments.toReversed(), known),
      })),
    ],
    plan: { crashes: 5 },
  },
];

function beyond(position: Position): Position {
  return Object.fromEntries(Object.entries(position).map(([writer, number]) => [writer, number + 1]));
}
