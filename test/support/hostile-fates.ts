import { createSeededRandom, type SeededRandom } from '../../src/testing/seeded-random.ts';
import type { ExchangeFate, Fates } from './hostile-proxy.ts';

const harms: readonly ExchangeFate[] = [
  'delayed',
  'cut',
  'halfSent',
  'answerCut',
  'answerHalf',
  'answerShort',
  'stalled',
  'answerStalled',
  'doubled',
  'echoed',
  'captive',
  'gateway',
  'cached',
];
const socketEnds = ['refused', 'cut', 'stalled'] as const;

const longestDelayMs = 150;
const mostBytes = 4_000;

/** What a seed makes of a network: some kinds of harm, each as often as another, and calm between. */
export function drawFates(seed: number): Fates {
  const random = createSeededRandom(seed).fork('network');
  const kinds = harms.filter(() => random.int(4) > 0);
  const calm = 1 + random.int(2 * harms.length);
  const [exchanges, sockets] = [random.fork('exchanges'), random.fork('sockets')];
  return {
    exchange: () => kinds[exchanges.int(kinds.length + calm)] ?? 'passed',
    socket: () => (sockets.int(4) === 0 ? null : drawSocket(sockets)),
    delayMs: () => exchanges.int(longestDelayMs),
  };
}

function drawSocket(random: SeededRandom) {
  return { end: random.pick(socketEnds), afterBytes: 1 + random.int(mostBytes) };
}
