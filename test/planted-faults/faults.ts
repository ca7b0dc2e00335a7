import { answerFaults } from './answer.faults.ts';
import type { ModelFault } from './model-fault.ts';
import { protocolFaults } from './protocol.faults.ts';
import { remoteFaults } from './remote.faults.ts';
import { sendingFaults } from './sending.faults.ts';
import { sharedStorageFaults } from './shared-storage.faults.ts';
import type { SimulationFault } from './simulation-fault.ts';
import { storageFaults } from './storage.faults.ts';
import { tabFaults } from './tab.faults.ts';

/** Faults that simulated worlds must show. */
export const simulationFaults: readonly SimulationFault[] = [
  ...sendingFaults,
  ...answerFaults,
  ...storageFaults,
  ...remoteFaults,
  ...sharedStorageFaults,
];

/** Faults that the exhaustive models must show. */
export const modelFaults: readonly ModelFault[] = [...protocolFaults, ...tabFaults];

export { serverFaults } from './server.faults.ts';
