import { sessionMachine } from '../../machines/index.ts';
import { stimuliIn, type Edge, type Place } from './support/explore.ts';
import {
  checkInvariants,
  edgesWhere,
  isCompletion,
  mutate,
  placesOnLoops,
  placesStaffedWrongly,
  placesWithoutWay,
  rewire,
  type Invariant,
} from './support/invariant.ts';
import { keyOf } from './support/stimulus.ts';
import { sessionTable } from './tables/session.table.ts';

type Context = ReturnType<typeof sessionMachine.getInitialSnapshot>['context'];

const codeOf = ({ snapshot }: Place) => (snapshot.context as Context).code;
const isNews = ({ event: { type } }: Edge) => type === 'feed.grew' || type === 'channel.added';
const isSending = ({ leaf }: Place) => leaf.startsWith('catchingUp.sending');
const cannotGoOn = ({ leaf }: Place) => leaf === 'closing' || leaf === 'ended';
const beginsToClose = ({ from, to }: Edge) => from.leaf !== 'closing' && to.leaf === 'closing';

const codes: Readonly<Record<string, number | null>> = {
  'after helloLimit': 4408,
  'after lagLimit': null,
  'fail sendMissed': 1013,
  'session.end': 4401,
};

const invariants: readonly Invariant[] = [
  {
    title: 'G11 session: news that come while sending are sent before the session rests',
    violations: (graph) =>
      edgesWhere(graph, ({ from, to }) => from.leaf === 'catchingUp.sending.behind' && to.leaf === 'live'),
    broken: mutate(sessionMachine, 'catchingUp.sending', (state) => {
      state['invoke'] = { src: 'sendMissed', onDone: '#session.live' };
    }),
  },
  {
    title: 'G11 session: whoever rests hears of news',
    violations: (graph) =>
      edgesWhere(graph, (edge) => edge.from.leaf === 'live' && isNews(edge) && !isSending(edge.to)),
    broken: rewire(sessionMachine, 'live', 'feed.grew', {}),
  },
  {
    title: 'G15 session: a slow reader is sent nothing until it has read, or is cut off',
    violations: (graph) =>
      edgesWhere(
        graph,
        ({ from, to, cause }) =>
          from.leaf === 'catchingUp.lagging' && isSending(to) && keyOf(cause) !== 'socket.drained',
      ),
    broken: rewire(sessionMachine, 'catchingUp.lagging', 'feed.grew', { target: 'sending' }),
  },
  {
    title: 'session: each reason to close has its code, and the first one counts',
    violations: (graph) =>
      edgesWhere(
        graph,
        (edge) =>
          (beginsToClose(edge) && codeOf(edge.to) !== codes[keyOf(edge.cause)]) ||
          (edge.from.leaf === 'closing' && codeOf(edge.to) !== codeOf(edge.from)),
      ),
    broken: rewire(sessionMachine, 'closing', 'session.end', null),
  },
  {
    title: 'session: what has begun to close sends nothing more',
    violations: (graph) => edgesWhere(graph, ({ from, to }) => cannotGoOn(from) && !cannotGoOn(to)),
    broken: rewire(sessionMachine, 'closing', 'feed.grew', { target: 'catchingUp' }),
  },
  {
    title: 'session: from everywhere there is a way to its end without the client',
    violations: (graph) =>
      placesWithoutWay(
        graph,
        ({ leaf }) => leaf === 'ended',
        ({ event: { type } }) => type === 'session.end' || type === 'socket.closed',
      ),
    broken: mutate(sessionMachine, '', (config) => delete config['on']),
  },
  {
    title: 'session: an actor while sending, a timer while something is awaited, nothing at rest',
    violations: (graph) =>
      placesStaffedWrongly(graph, (leaf) => ({
        actors: leaf.startsWith('catchingUp.sending') ? ['sendMissed'] : [],
        timers: ['awaitingHello', 'catchingUp.lagging', 'closing'].includes(leaf) ? 1 : 0,
      })),
    broken: mutate(sessionMachine, 'awaitingHello', (state) => delete state['after']),
  },
  {
    title: 'session: sending alone never goes round',
    violations: (graph) => placesOnLoops(graph, isCompletion),
    broken: mutate(sessionMachine, 'catchingUp.sending', (state) => {
      state['invoke'] = { src: 'sendMissed', onDone: { target: 'sending', reenter: true } };
    }),
  },
];

checkInvariants(
  'session',
  sessionMachine,
  { inputs: [undefined], stimuli: stimuliIn(sessionTable), remember: ({ code }: Context) => [code] },
  invariants,
);
