import { createSeededRandom, type SeededRandom } from '../../src/testing/seeded-random.ts';
import type { ExchangeFate, Fates } from './hostile-proxy.ts';

/** Everything that can go wrong with an exchange. */
export const harms: readonly ExchangeFate[] = [
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
/** Everything that can go wrong with a socket. */
export const socketEnds = ['refused', 'cut', 'stalled'] as const;

const longestDelayMs = 150;
const mostBytes = 4_000;

/** What a seed makes of a network: some kinds of harm, each as often as another, and calm between. None keeps away for long. */
export function drawFates(seed: number): Fates {
  const random = createSeededRandom(seed).fork('network');
  const kinds = harms.filter(() => random.int(4) > 0);
  const calm = Array<ExchangeFate>(1 + random.int(2 * harms.length)).fill('passed');
  const [exchanges, sockets] = [random.fork('exchanges'), random.fork('sockets')];
  let dealt: ExchangeFate[] = [];
  const deal = (): ExchangeFate => {
    if (dealt.length === 0) dealt = [...kinds, ...calm];
    return dealt.splice(exchanges.int(dealt.length), 1)[0] ?? 'passed';
  };
  return {
    exchange: deal,
    socket: () => (sockets.int(4) === 0 ? null : drawSocket(sockets)),
    delayMs: () => exchanges.int(longestDelayMs),
  };
}

function drawSocket(random: SeededRandom) {
  return { end: random.pick(socketEnds), afterBytes: 1 + random.int(mostBytes) };
}
