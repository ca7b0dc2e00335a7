import { expect, test } from 'vitest';
import { simulationFaults } from './faults.ts';
import { findSighting, violationsWithout } from './simulation-fault.ts';

const seeds = Array.from({ length: Number(process.env['SYNCLINE_FAULT_SEEDS'] ?? 30) }, (_, at) => at + 1);

test.each(simulationFaults.map((fault) => [fault.name, fault] as const))(
  'G24 simulated worlds show it: %s',
  async (_name, fault) => {
    const sighting = await findSighting(fault, seeds);
    expect(sighting).not.toBe(null);
    process.stdout.write(`seed ${sighting?.seed}: ${sighting?.violation.split('\n')[0]?.slice(0, 100)}\n`);
    expect(await violationsWithout(fault, sighting?.seed ?? 0)).toEqual([]);
  },
);
