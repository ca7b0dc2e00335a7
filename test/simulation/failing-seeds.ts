import { inOlderWorlds } from './older-worlds.ts';
import type { ScenarioOptions } from './scenario.ts';

const withSeed = (seed: number): ScenarioOptions => ({ seed, operations: 60 });
const plain = { references: false, backend: 'idempotent' } as const;
const withReferences = { references: true, backend: 'idempotent' } as const;
const withManyClients = (seed: number, shape: ScenarioOptions['shape'] = plain): ScenarioOptions => ({
  seed,
  operations: 40,
  mostClients: 8,
  shape,
});

/** Every seed that ever failed, by what it showed. They run before all others. */
export const failingSeeds: Readonly<Record<string, ScenarioOptions>> = {
  ...inOlderWorlds({
    'two clients that raise a counter alike raise it twice': withSeed(4),
    'a change in a page is not taken over what was fetched for it': withSeed(21),
    'nothing is sent that was being sealed when the app paused': withSeed(27),
    'a frame does not move the cursor past a change that was missed': withSeed(39),
    'under global order the next goes out when the one before it is settled by other means': withSeed(47),
    'a form written while a request is out does not undo what others did': withSeed(55),
    'a batch of news tells each state once': withSeed(14),
    'a lane that waits behind another does not keep the queue spinning': withSeed(119),
    'an answer to get does not take back what came meanwhile': withSeed(125),
    'a form on a state that is not kept does not overwrite silently': withSeed(142),
    'an own write of an earlier life is no news': withSeed(171),
    'an absence told before an acknowledgement does not outlive it': withSeed(178),
    'deferred lanes under global order do not stop time': withSeed(211),
    'news held back behind a request are told once': withSeed(227),
    'a form does not count what was on its way twice': withSeed(209),
    'a form on a state that is not kept leaves own writes alone': withSeed(486),
    'what was made and deleted here does not delete what others made': withSeed(613),
    'a snapshot ends the other side of a conflict': withSeed(759),
    'what a snapshot did not mention goes with the cursor that ends it': { seed: 2130, operations: 80 },
    'a clock that is set back leaves nothing waiting for days': { seed: 837, operations: 100 },
    'a deletion told while an update was out stays': { seed: 68, operations: 100 },
    'an own deletion of an earlier life is no news to a late frame': { seed: 141, operations: 100 },
    'a counter forgets what was discarded': { seed: 323, operations: 100 },
    'what is created over a deletion is there': { seed: 1067, operations: 60, mostClients: 8 },
    'a refusal that comes late takes back nothing that was told since': { seed: 731, operations: 100 },
    'what was told while a create was out does not hide it': { seed: 100_302, operations: 100, mostClients: 8 },
  }),
  'what a snapshot left out before its create was acknowledged is looked up': {
    seed: 200_850,
    operations: 40,
    mostClients: 8,
    plan: { serverRestores: 0 },
    shape: plain,
  },
  'what turns away from an unsent task is not sent as it was before that is stored': {
    seed: 58,
    operations: 60,
    shape: withReferences,
  },
  'an outcome that is lost when sending was begun anew is asked about again': {
    seed: 56,
    operations: 60,
    shape: { references: true, backend: 'versioned' },
  },
  'an answer to get that was overtaken takes nothing back, also without versions': {
    seed: 16,
    operations: 60,
    shape: { backend: 'plain' },
  },
  'what refers to a task that others deleted waits until a strategy has said whether it is made again': {
    seed: 900_017,
    operations: 60,
    shape: { references: true, order: 'entity' },
  },
  'what was sealed and could not be sent is looked at before it goes': {
    seed: 29,
    operations: 60,
    shape: { backend: 'plain' },
  },
  'what the feed tells without a version is looked up over what is pending': {
    seed: 900_178,
    operations: 60,
    shape: { backend: 'plain' },
  },
  'what is told while a seal is stored is not overwritten, where there are no versions': {
    seed: 900_095,
    operations: 60,
    shape: { backend: 'plain' },
  },
  'what is told before a request goes again is not overwritten, where there are no versions': {
    seed: 900_072,
    operations: 60,
    shape: { backend: 'plain' },
  },
  'an outcome is asked for in time also when a round that was left is not over': {
    seed: 900_392,
    operations: 60,
    shape: { backend: 'plain' },
  },
  'what the backend completed is known for an own effect': {
    seed: 6,
    operations: 60,
    shape: { references: false, backend: 'versioned' },
  },
  'versions that were learnt from an answer alone are void after a restore': withManyClients(200_222),
  'a client that never read the feed does not write on a version that came again': withManyClients(200_766),
  'a version that came again is told apart from the one that was known': withManyClients(202_608),
  'a deletion that found nothing is lost with the deletion that a restore loses': withManyClients(200_476),
  'what the backend had lost when it was to be deleted may be made anew': withManyClients(201_683),
  'what refers to a task that was deleted while its create was out waits for that create': withManyClients(
    500_393,
    withReferences,
  ),
  'what refers to a task waits for one that is made again while its deletion is out': withManyClients(
    400_356,
    withReferences,
  ),
  'what is sealed is what was judged to wait for nothing': {
    seed: 1076,
    operations: 60,
    plan: { serverRestores: 3, answersLost: 0.5 },
    shape: withReferences,
  },
  'what refers to a task of which a new life of the server may know nothing waits for it': withManyClients(
    503_808,
    withReferences,
  ),
  'under global order a lost outcome is asked for although an earlier round still holds its entity': withManyClients(
    520_971,
    { references: false, backend: 'versioned' },
  ),
  'a form over an own deletion and what others created since keeps what it says': withManyClients(511_687, {
    references: true,
    backend: 'versioned',
  }),
  'a count that was decided over what the backend lost is a matter of opinion': withManyClients(
    520_592,
    withReferences,
  ),
  'what was refused and discarded, and doubled on its way, is news when it takes effect': withManyClients(
    523_498,
    withReferences,
  ),
  'what was sealed before a task was made anew goes as it is': withManyClients(515_279, withReferences),
  'of what was deleted and made anew, strings do not say which state came first': withManyClients(
    600_900,
    withReferences,
  ),
};
