import { authMachine } from '../../machines/index.ts';
import { stimuliIn, type Edge } from './support/explore.ts';
import {
  checkInvariants,
  edgesWhere,
  isCompletion,
  mutate,
  rewire,
  placesOnLoops,
  placesStaffedWrongly,
  placesWhere,
  placesWithoutWay,
  type Invariant,
} from './support/invariant.ts';
import { keyOf } from './support/stimulus.ts';
import { authTable } from './tables/auth.table.ts';

type Context = ReturnType<typeof authMachine.getInitialSnapshot>['context'];

const isRefused = (leaf: string) => leaf === 'needsAuth' || leaf === 'refreshing.renewing';
const isOutdated = ({ from, event }: Edge) =>
  'generation' in event && event['generation'] !== (from.snapshot.context as Context).generation;
const isOwnWork = (edge: Edge) => keyOf(edge.cause) !== 'auth.renew';

const invariants: readonly Invariant[] = [
  {
    title: 'S26 auth: a refresh leads to another one only by an answer or by the app',
    violations: (graph) => placesOnLoops(graph, isCompletion),
    broken: mutate(authMachine, 'refreshing.renewing', (state) => {
      state['invoke'] = { src: 'refreshToken', onError: { target: 'renewing', reenter: true } };
    }),
  },
  {
    title: 'S26 auth: a token refused twice waits for the app',
    violations: (graph) =>
      edgesWhere(
        graph,
        (edge) =>
          (edge.from.leaf === 'needsAuth' && edge.to.leaf !== 'needsAuth' && isOwnWork(edge)) ||
          (edge.from.leaf === 'refreshing.retrying' && edge.to.leaf === 'refreshing.renewing' && isOwnWork(edge)),
      ),
    broken: rewire(authMachine, 'needsAuth', 'request.unauthorized', { target: 'refreshing' }),
  },
  {
    title: 'S26 auth: an answer to a request of before the refresh changes nothing',
    violations: (graph) =>
      edgesWhere(graph, (edge) => isOutdated(edge) && graph.keyOf(edge.from) !== graph.keyOf(edge.to)),
    broken: authMachine.provide({ guards: { isCurrent: () => true } }),
  },
  {
    title: 'S26 auth: what was not refused does not show that the new token is accepted',
    violations: (graph) =>
      edgesWhere(
        graph,
        ({ from, to, event }) =>
          from.leaf !== 'authorized' &&
          to.leaf === 'authorized' &&
          'purpose' in event &&
          event['purpose'] !== (from.snapshot.context as Context).refused,
      ),
    broken: authMachine.provide({
      guards: { isAccepted: ({ context }, { generation }) => generation === context.generation },
    }),
  },
  {
    title: 'S26 auth: requests are held back exactly while there is no token to try',
    violations: (graph) =>
      placesWhere(
        graph,
        ({ leaf, told }) => (told ?? 'gate open') !== (isRefused(leaf) ? 'gate needs-auth' : 'gate open'),
      ),
    broken: rewire(authMachine, 'refreshing', 'request.authorized', { target: 'authorized' }),
  },
  {
    title: 'S26 auth: a renewal by the app is tried, whenever it comes',
    violations: (graph) =>
      edgesWhere(
        graph,
        ({ from, to, cause }) =>
          keyOf(cause) === 'auth.renew' && from.leaf !== 'authorized' && to.leaf !== 'refreshing.renewing',
      ),
    broken: rewire(authMachine, 'refreshing', 'auth.renew', null),
  },
  {
    title: 'S26 auth: every state leads back to authorized',
    violations: (graph) =>
      placesWithoutWay(
        graph,
        ({ leaf }) => leaf === 'authorized',
        () => true,
      ),
    broken: rewire(authMachine, 'needsAuth', 'auth.renew', null),
  },
  {
    title: 'S26 auth: one refresh at a time, and only while renewing',
    violations: (graph) =>
      placesStaffedWrongly(graph, (leaf) => ({ actors: leaf === 'refreshing.renewing' ? ['refreshToken'] : [] })),
    broken: mutate(authMachine, 'needsAuth', (state) => (state['invoke'] = { src: 'refreshToken' })),
  },
];

checkInvariants(
  'auth',
  authMachine,
  {
    inputs: [undefined],
    stimuli: stimuliIn(authTable),
    remember: () => null,
  },
  invariants,
);
