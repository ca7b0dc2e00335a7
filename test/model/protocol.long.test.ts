import { describe, test } from 'vitest';
import { expectSound, isDeep } from './model-run.ts';
import { createProtocol, type ProtocolOptions } from './protocol.ts';

const check = ({ writes, faults }: ProtocolOptions, least: number): void =>
  expectSound(`protocol, writes ${writes.join(' + ')}, faults ${faults}`, createProtocol({ writes, faults }), least);

test('G1 G2 G3 G5 one client, three writes, two faults: every state is sound and leads to where all is settled', () => {
  check({ writes: [3], faults: 2 }, 5_000);
});

test('G1 G2 G3 G5 G6 two clients, two writes and one, one fault: every state is sound and leads to where all is settled', () => {
  check({ writes: [2, 1], faults: 1 }, 30_000);
});

test('G1 G2 G3 G5 G6 two clients, one write each, two faults: every state is sound and leads to where all is settled', () => {
  check({ writes: [1, 1], faults: 2 }, 15_000);
});

describe.runIf(isDeep)('deeper', () => {
  test.each([
    { writes: [3], faults: 4 },
    { writes: [4], faults: 2 },
    { writes: [2, 2], faults: 1 },
    { writes: [2, 1], faults: 2 },
    { writes: [1, 1], faults: 3 },
    { writes: [1, 1, 1], faults: 1 },
  ])('G1 G2 G3 G5 G6 writes $writes, faults $faults', (options) => check(options, 10_000), 1_800_000);
});
