const numberOf = (name: string, otherwise: number): number => Number(process.env[name] ?? otherwise);

/** How much is simulated: what every change gets, unless the environment asks for more. */
export const numbers = {
  seeds: numberOf('SYNCLINE_SEEDS', 1_000),
  tabSeeds: numberOf('SYNCLINE_TAB_SEEDS', 150),
  firstSeed: numberOf('SYNCLINE_FIRST_SEED', 1),
  operations: numberOf('SYNCLINE_OPERATIONS', 100),
  mostClients: numberOf('SYNCLINE_CLIENTS', 4),
} as const;
