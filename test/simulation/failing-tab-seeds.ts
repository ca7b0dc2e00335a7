import { noFaults, type FaultPlan } from './fault-plan.ts';
import { inOlderWorlds } from './older-worlds.ts';
import type { ScenarioOptions } from './scenario.ts';

const calm = (seed: number, tabs: number, faults: Partial<FaultPlan> = {}): ScenarioOptions => ({
  seed,
  operations: 60,
  clients: 1,
  tabs,
  plan: { ...noFaults, ...faults },
  shape: { locks: 'working' },
});
const freezing: Partial<FaultPlan> = { freezesPerStep: 0.1 };
const ending: Partial<FaultPlan> = { tabEndsPerStep: 0.15 };
const both: Partial<FaultPlan> = { freezesPerStep: 0.1, tabEndsPerStep: 0.1, maxTabDelayMs: 300 };

/** Every seed with several tabs on one device that ever failed, by what it showed. They run before all others. */
export const failingTabSeeds: Readonly<Record<string, ScenarioOptions>> = {
  ...inOlderWorlds({
    'a follower that hears of a leader before it has opened counts nothing twice': calm(1, 2),
    'two tabs that make the same entity keep what both wrote': calm(2, 2),
    'two tabs that make the same entity before either is sent keep what both wrote': calm(7, 2),
    'a draft that is stored while its tab reads everything anew is not lost': calm(13, 2, ending),
    'what the next leader has read is durable in the one that slept': calm(9, 2, freezing),
    'a leader that was deposed shows the state of the next one': calm(13, 2, freezing),
    'a tab that leads again sends what it was sending when it was deposed': calm(2, 2, freezing),
    'two tabs that take the lead at one instant do not lead in one epoch': calm(32, 3, both),
    'what a tab loads does not take the leader back': calm(46, 3, both),
    'a draft that was stored before its tab had heard of others is sent': calm(19, 3, both),
    'an edit in one tab outlives a deletion in another that had not seen it': calm(20, 3, ending),
    'a tab that was elected and deposed at one instant keeps its writes': calm(5, 3, both),
    'a deletion stands when the server completed an own change meanwhile': calm(30, 3, both),
    'a deposed leader stores nothing behind what it dropped': calm(20, 2, freezing),
    'what a killed tab has stored and told nobody of is sent': { seed: 1, operations: 60, clients: 1, tabs: 3 },
    'what is in a void segment is neither synced nor lost': { seed: 16, operations: 60, clients: 1, tabs: 3 },
    'a leader that nobody told of the next one says of nothing that it is stored': {
      seed: 18,
      operations: 100,
      tabs: 3,
    },
    'a tab that leads again at once repeats what it had sent': { seed: 135, operations: 100, tabs: 3 },
    'a tab that woke and does not know that it was deposed is not heeded': { seed: 1011, operations: 60, tabs: 3 },
    'what is drafted after a claim that led to nothing is stored': { seed: 2014, operations: 60, tabs: 3 },
    'what a tab creates while another sends counts once': { seed: 100_264, operations: 100, tabs: 3 },
    'a form is put over the state it was opened on': { seed: 100_132, operations: 100, tabs: 3 },
    'a deletion in one tab leaves what another changed after it': { seed: 100_399, operations: 100, tabs: 3 },
    'what a tab deletes and begins anew leaves what another wrote': { seed: 100_362, operations: 100, tabs: 3 },
    'a lost status is told again': { seed: 100_475, operations: 100, tabs: 3 },
    'what a leader could not store is not read for what it stores as a follower': {
      seed: 100_139,
      operations: 100,
      tabs: 3,
    },
    'tabs that are all granted the lock come to an end': { seed: 3, operations: 60, clients: 1, tabs: 3 },
  }),
  'a create that a backup has, and whose answers were lost, counts once': {
    seed: 444,
    operations: 60,
    tabs: 3,
    shape: { references: false, backend: 'idempotent' },
  },
  'a deletion does not wait for a conflict of what refers to it': { seed: 410_015, operations: 60, tabs: 3 },
  'what refers to an entity waits while it is deleted and made anew': { seed: 410_152, operations: 60, tabs: 3 },
  'what is deleted in one tab and edited in another, after it was refused, stays': {
    seed: 44,
    operations: 100,
    clients: 1,
    tabs: 3,
  },
  'what two tabs make at once outlives a deletion that was not shown the other': {
    seed: 450_126,
    operations: 100,
    tabs: 3,
  },
  'what another tab has on its way outlives a deletion that was not shown it, where nothing has a version': {
    seed: 920_002,
    operations: 60,
    tabs: 3,
    shape: { references: false, backend: 'plain' },
  },
  'a change that was a draft of another tab is not made on itself': {
    seed: 127,
    operations: 60,
    tabs: 3,
    plan: { storageStalls: 0.03, storageErrors: 0.06, freezesPerStep: 0.13, serverRestores: 0 },
    shape: { backend: 'idempotent', locks: 'working' },
  },
  'a leader that slept after its look sends what another has sent meanwhile': {
    seed: 860_194,
    operations: 60,
    tabs: 3,
    shape: { references: true, backend: 'versioned' },
  },
  'a leader that slept after its look sends what another has looked for since': {
    seed: 46,
    operations: 60,
    tabs: 3,
    shape: { references: true, backend: 'versioned' },
  },
  'a leader that slept after its look sends what another waits for': {
    seed: 104,
    operations: 100,
    tabs: 3,
    shape: { references: false, backend: 'versioned' },
  },
  'what a tab sent under an earlier lead is over once another lead has looked for it': {
    seed: 860_364,
    operations: 60,
    tabs: 3,
    shape: { references: false, backend: 'versioned' },
  },
  'a draft is shown on top of what was sent before it': {
    seed: 54,
    operations: 60,
    clients: 1,
    tabs: 3,
    shape: { references: false, backend: 'idempotent' },
  },
  'what a tab was told is not stored takes no effect while it lives': {
    seed: 12,
    operations: 60,
    tabs: 3,
    plan: { serverRestores: 2 },
    shape: { references: false, backend: 'idempotent' },
  },
  'what refers to a task that is to be deleted does not wait for that deletion': {
    seed: 800_038,
    operations: 60,
    tabs: 3,
    shape: { references: true, backend: 'idempotent' },
  },
  'what a tab sealed before another made a task anew goes as it is': {
    seed: 860_157,
    operations: 60,
    tabs: 3,
    shape: { references: true, backend: 'versioned' },
  },
  'a form is put over the state it was opened on, however often its tab has read everything anew': {
    seed: 450_059,
    operations: 100,
    tabs: 3,
    shape: { references: true, backend: 'idempotent' },
  },
  'what a tab was told is not stored takes no effect when it takes the lead': {
    seed: 860_131,
    operations: 60,
    tabs: 3,
  },
  'what is stored late, while it is tried again, is stored': { seed: 450_147, operations: 100, tabs: 3 },
  'what comes late from the leader before, after it was looked for, is no conflict': {
    seed: 860_321,
    operations: 60,
    tabs: 3,
    shape: { references: true, backend: 'versioned' },
  },
  'a deletion in a tab that was told of nothing leaves what another made after it': {
    seed: 420_009,
    operations: 60,
    tabs: 3,
    plan: { serverRestores: 2 },
  },
  'a form on a state that only another tab keeps is shown whole until that one has merged it': {
    seed: 1109,
    operations: 60,
    tabs: 3,
    plan: { storageStalls: 0.1, storageErrors: 0.05 },
  },
  'what could not be stored is not tried again over what another leader has read': {
    seed: 54,
    operations: 60,
    tabs: 3,
    shape: { backend: 'versioned' },
  },
  'a tab that could not remove the claims that it beat leads all the same': {
    seed: 25,
    operations: 60,
    tabs: 3,
    plan: { storageStalls: 0.03, storageErrors: 0.06, freezesPerStep: 0.13, serverRestores: 0 },
    shape: { backend: 'idempotent', locks: 'working' },
  },
};
