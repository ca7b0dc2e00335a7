import { answerFaults } from './answer.faults.ts';
import { remoteFaults } from './remote.faults.ts';
import { sendingFaults } from './sending.faults.ts';
import type { SimulationFault } from './simulation-fault.ts';
import { storageFaults } from './storage.faults.ts';

/** Faults that simulated worlds must show. */
export const simulationFaults: readonly SimulationFault[] = [
  ...sendingFaults,
  ...answerFaults,
  ...storageFaults,
  ...remoteFaults,
];
