import type * as Conflicts from '../../src/conflicts/conflict-of.ts';
import type * as Merge from '../../src/core/merge.ts';
import type * as Gaps from '../../src/feed/gaps.ts';
import type * as Intake from '../../src/feed/intake.ts';
import type * as Snapshot from '../../src/feed/snapshot.ts';
import type * as ComposeOperation from '../../src/outbox/compose-operation.ts';
import type * as Rebase from '../../src/store/rebase.ts';
import type * as Versions from '../../src/store/versions.ts';
import type * as WorldFeed from '../simulation/world/feed.ts';
import { replacing } from './replacement.ts';
import type { SimulationFault } from './simulation-fault.ts';

/** Faults in what comes in, and in what becomes of two changes of one thing. */
export const remoteFaults: readonly SimulationFault[] = [
  {
    name: 'the losing side of a conflict is dropped',
    breaks: ['G1', 'G6'],
    replacements: [
      replacing<typeof Conflicts>('../../src/conflicts/conflict-of.ts', ({ conflictOf }) => ({
        conflictOf: (...about) => {
          const record = conflictOf(...about);
          return record && { ...record, local: record.remote };
        },
      })),
    ],
  },
  {
    name: 'a foreign state is adopted over what is pending',
    breaks: ['G6'],
    replacements: [
      replacing<typeof Rebase>('../../src/store/rebase.ts', ({ rebase, retell }) => ({
        rebase: (from, policies) => rebase(from, policies) ?? retell(from.remote, from.view, from.pending),
      })),
    ],
    shape: { sharedEntities: 1 },
  },
  {
    name: 'two changes of a counter that are alike count once',
    breaks: ['G2'],
    replacements: [
      replacing<typeof Merge>('../../src/core/merge.ts', ({ mergeEntity }) => ({
        mergeEntity: (base, local, remote, options) => mergeEntity(base, local, remote, { ...options, policies: {} }),
      })),
    ],
    shape: { strategy: 'merge' },
  },
  {
    name: 'a form that was opened earlier is written over what came since',
    breaks: ['G6'],
    replacements: [
      replacing<typeof ComposeOperation>('../../src/outbox/compose-operation.ts', ({ composeWrite }) => ({
        composeWrite: (state, intent, ...rest) => {
          if (intent.entity === null) return composeWrite(state, intent, ...rest);
          const { version: _, ...entity } = intent.entity;
          return composeWrite(state, { ...intent, entity }, ...rest);
        },
      })),
    ],
  },
  {
    name: 'an older version replaces a newer one',
    breaks: ['G10'],
    replacements: [
      replacing<typeof Intake>('../../src/feed/intake.ts', ({ takeIn }) => ({
        takeIn: (state, change, rules) => {
          const intake = takeIn(state, change, rules);
          const base = intake.type === 'known' && !change.patch ? rules.read(change) : null;
          return base ? { type: 'change', base } : intake;
        },
      })),
      replacing<typeof Versions>('../../src/store/versions.ts', () => ({ isNewer: () => true })),
    ],
    shape: { versions: 'number', realTime: true },
    plan: { framesDoubled: 0.3 },
  },
  {
    name: 'own changes that come back are told as changes of others',
    breaks: ['G9'],
    replacements: [
      replacing<typeof Intake>('../../src/feed/intake.ts', ({ takeIn }) => ({
        takeIn: (state, change, rules) => {
          const { idempotencyKey: _, ...unsigned } = change;
          return takeIn(state, unsigned, rules);
        },
      })),
    ],
    shape: { realTime: true },
  },
  {
    name: 'a frame moves the cursor past one that was missed',
    breaks: ['G4', 'G11'],
    replacements: [
      replacing<typeof Gaps>('../../src/feed/gaps.ts', ({ createGaps }) => ({
        createGaps: () => ({ ...createGaps(), has: () => false }),
      })),
    ],
    shape: { realTime: true, versions: 'string' },
    plan: { framesLost: 0.3 },
  },
  {
    name: 'what a snapshot does not mention stays',
    breaks: ['G4'],
    replacements: [
      replacing<typeof Snapshot>('../../src/feed/snapshot.ts', ({ createSnapshot }) => ({
        createSnapshot: (...about) => ({ ...createSnapshot(...about), missing: () => [] }),
      })),
    ],
    shape: { feedLength: 5, deletes: true },
  },
  {
    name: 'the cursor of the feed follows sequence numbers that are given out before the commit',
    breaks: ['G4'],
    replacements: [
      replacing<typeof WorldFeed>('../simulation/world/feed.ts', ({ createFeed }) => ({
        createFeed: (options) => {
          const feed = createFeed(options);
          const { page } = feed;
          return Object.assign(feed, {
            page: (...asked: Parameters<typeof page>) => {
              const read = page(...asked);
              return { ...read, changes: read.changes.filter(({ cursor }) => cursor !== `f:${feed.position}`) };
            },
          });
        },
      })),
    ],
    shape: { realTime: false },
  },
];
