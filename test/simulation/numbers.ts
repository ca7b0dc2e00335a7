import { askedNumber } from '../support/asked-number.ts';

/** How much is simulated: what every change gets, unless the environment asks for more. */
export const numbers = {
  seeds: askedNumber('SYNCLINE_SEEDS', 1_000),
  tabSeeds: askedNumber('SYNCLINE_TAB_SEEDS', 150),
  firstSeed: askedNumber('SYNCLINE_FIRST_SEED', 1),
  operations: askedNumber('SYNCLINE_OPERATIONS', 100),
  mostClients: askedNumber('SYNCLINE_CLIENTS', 4, 2),
} as const;
