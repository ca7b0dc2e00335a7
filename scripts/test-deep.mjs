import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const numbers = {
  SYNCLINE_RUNS: '5000',
  SYNCLINE_SEEDS: '20000',
  SYNCLINE_TAB_SEEDS: '5000',
  SYNCLINE_OPERATIONS: '200',
  SYNCLINE_CLIENTS: '8',
  SYNCLINE_DEEP: '1',
  SYNCLINE_KILLS: '240',
  SYNCLINE_PARTITIONS: '240',
  SYNCLINE_TAKEOVERS: '80',
};

const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
const projects = ['unit', 'property', 'simulation', 'long'].map((name) => `--project=${name}`);
const given = process.argv.slice(2);
const chosen = given.some((flag) => flag.startsWith('--project')) ? given : [...projects, ...given];
const env = { ...numbers, ...process.env };

for (const name of Object.keys(numbers)) console.log(`${name}=${env[name]}`);
const { status } = spawnSync(process.execPath, [vitest, 'run', '--testTimeout=0', ...chosen], {
  env,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
