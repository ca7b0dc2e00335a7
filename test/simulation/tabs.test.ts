import { describeSeeds, seedsFrom } from './describe-seeds.ts';
import { numbers } from './numbers.ts';

const { firstSeed, tabSeeds, operations } = numbers;

describeSeeds({
  title: `${operations} operations on devices with up to three tabs, ${tabSeeds} seeds`,
  promises: 'G1 G2 G3 G4 G5 G6 G9 G10 G18',
  seeds: seedsFrom(firstSeed, tabSeeds),
  optionsOf: (seed) => ({ seed, operations, tabs: 3 }),
  faultKinds: [
    'crash',
    'freeze',
    'locks broken',
    'tab message lost',
    'request lost',
    'answer lost',
    'partition',
    'clock jump',
    'sleep',
  ],
});
