import { describeSeeds, seedsFrom } from './describe-seeds.ts';
import { numbers } from './numbers.ts';

const { firstSeed, seeds, operations, mostClients } = numbers;

/** Every second seed, so that two processes share the work. */
export function describeHalf(half: 0 | 1): void {
  describeSeeds({
    title: `${operations} operations of 2 to ${mostClients} clients, half ${half + 1} of ${seeds} seeds`,
    promises: 'G1 G2 G3 G4 G5 G6 G7 G8 G9 G10 G11 G14 S39',
    seeds: seedsFrom(firstSeed + half, seeds - half, 2),
    optionsOf: (seed) => ({ seed, operations, mostClients }),
    faultKinds: [
      'request lost',
      'answer lost',
      'doubled',
      'repeat',
      'partition',
      'link cut',
      'crash',
      'frame lost',
      'frame doubled',
      'frame reordered',
      'socket lost',
      'line silent',
      'nonsense',
      'unavailable',
      'storage failed',
      'storage stalled',
      'server restart',
      'server restored',
      'token expired',
      'token expiry',
      'clock jump',
      'sleep',
      'parked',
      'child held',
      'child of a refused one',
      'outcome looked for',
      'overwritten',
    ],
  });
}
