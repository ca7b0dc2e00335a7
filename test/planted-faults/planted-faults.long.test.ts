import { expect, test } from 'vitest';
import { modelFaults, serverFaults, simulationFaults } from './faults.ts';
import { exploreWith } from './model-fault.ts';
import { findInRace } from './server-fault.ts';
import { findSighting, violationsWithout } from './simulation-fault.ts';

const runs = 40;
const seeds = Array.from({ length: runs }, (_, at) => at + 1);

const byName = <T extends { readonly name: string }>(faults: readonly T[]) =>
  faults.map((fault) => [fault.name, fault] as const);

test.each(byName(simulationFaults))('G24 simulated worlds show it: %s', async (_name, fault) => {
  const sighting = await findSighting(fault, seeds);
  expect(sighting).not.toBe(null);
  process.stdout.write(`${fault.name}: seed ${sighting?.seed}, ${sighting?.violation.split('\n')[0]?.slice(0, 80)}\n`);
  expect(await violationsWithout(fault, sighting?.seed ?? 0)).toEqual([]);
});

test.each(byName(modelFaults))('G24 the model shows it: %s', async (_name, fault) => {
  const found = await exploreWith(fault);
  expect(fault.breaks).toContain(found?.violation.split(' ')[0]);
  process.stdout.write(`${fault.name}: ${found?.violation}, after ${found?.path.join('; ')}\n`);
});

test.each(byName(serverFaults))('G24 readers that race with writers show it: %s', async (_name, fault) => {
  const found = await findInRace(fault, runs);
  expect(found).not.toBe(null);
  process.stdout.write(`${fault.name}: ${found?.split('\n')[0]}\n`);
});

test('G24 at least 20 faults are planted, each under a name of its own', () => {
  const names = [...simulationFaults, ...modelFaults, ...serverFaults].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeGreaterThanOrEqual(20);
});
