import type { EntityStep, SealedRequest } from '../../src/store/entry.ts';
import {
  commit,
  durablePrefix,
  newClient,
  remove,
  resolve,
  restart,
  store,
  write,
  type ClientState,
} from './client.ts';
import { answerStep, contestStep, idleExchange, sealStep, toldStep } from './exchange.ts';
import type { Model, Move } from './explore.ts';
import { effectViolations, lossViolations, silenceViolations } from './judgement.ts';
import { emptyServer, handleRequest, writeForeign, type ServerAnswer, type ServerState } from './server.ts';

/** What is on its way. A request that is not awaited is one that nobody waits for any more, or the double of another. */
type Message =
  | { readonly type: 'request'; readonly from: number; readonly request: SealedRequest; readonly isAwaited: boolean }
  | { readonly type: 'answer'; readonly to: number; readonly request: SealedRequest; readonly answer: ServerAnswer };

interface ProtocolState {
  readonly server: ServerState;
  /** What the server will have stored, and what it will answer then; null: nothing is under way. */
  readonly committing: { readonly server: ServerState; readonly answers: readonly Message[] } | null;
  readonly clients: readonly ClientState[];
  readonly wire: readonly Message[];
  /** How many more things may go wrong. */
  readonly faults: number;
}

export interface ProtocolOptions {
  /** How many, per client. */
  readonly writes: readonly number[];
  /** Per client. Default: none. */
  readonly deletions?: readonly number[];
  readonly faults: number;
  /** The backend has the entity, and everybody knows it, before anybody writes. */
  readonly isThere?: boolean;
  /** The server takes its time to commit, and one of the faults may be that it crashes. */
  readonly hasMortalServer?: boolean;
}

/**
 * Clients of one entity, each on a device of its own, and a network that loses, doubles, delays and reorders. Every decision is
 * made by the functions of the engine and of the reference server; only what drives them is the model's.
 */
export function createProtocol(options: ProtocolOptions): Model<ProtocolState> {
  const { writes, deletions = [], faults, isThere = false, hasMortalServer = false } = options;
  const server = isThere ? writeForeign(emptyServer, 'z0') : emptyServer;
  return {
    initial: {
      server,
      committing: null,
      clients: writes.map((_, at) => informed(newClient(String.fromCharCode(97 + at)), server)),
      wire: [],
      faults,
    },
    moves: (state) => [
      ...state.clients.flatMap((client, at) =>
        clientMoves(state, client, at, { writes: writes[at] ?? 0, deletions: deletions[at] ?? 0 }),
      ),
      ...state.wire.flatMap((message, at) => wireMoves(state, message, at, hasMortalServer)),
      ...serverMoves(state),
    ],
    violations: ({ server, clients: all }) => [
      ...effectViolations(server, all),
      ...silenceViolations(server, all),
      ...all.flatMap(({ durable, stored }) => lossViolations(server, durable, stored, all)),
    ],
    isSettled: ({ server, committing, clients: all, wire }) => {
      const version = server.states.at(-1)?.version ?? null;
      return (
        wire.length === 0 &&
        !committing &&
        all.every(
          ({ memory, stored }) => memory === stored && !memory.work && (memory.base?.version ?? null) === version,
        )
      );
    },
  };
}

function informed(client: ClientState, { states }: ServerState): ClientState {
  const [first] = states;
  const step = first ? toldStep(client.memory, first, () => false) : null;
  return step ? store(commit(client, step)) : client;
}

function withClient(state: ProtocolState, at: number, client: ClientState): ProtocolState {
  /** Where nothing can go wrong any more, it does not matter when something is stored. */
  const settled = state.faults === 0 ? store(client) : client;
  return { ...state, clients: state.clients.with(at, settled) };
}

function clientMoves(
  state: ProtocolState,
  client: ClientState,
  at: number,
  { writes, deletions }: { readonly writes: number; readonly deletions: number },
): Move<ProtocolState>[] {
  const { name, memory, stored, exchange } = client;
  const moves: Move<ProtocolState>[] = [];
  const add = (what: string, next: ClientState | null, rest: Partial<ProtocolState> = {}): void => {
    if (next) moves.push({ name: `${name} ${what}`, state: withClient({ ...state, ...rest }, at, next) });
  };
  const take = (what: string, step: EntityStep | null): void => {
    if (step) add(what, commit(client, step));
  };
  const id = `${name}-${client.sequence}-${state.server.states.length}`;

  if (client.writes < writes) add('writes', write(client));
  if (Object.keys(client.removals).length < deletions) add('deletes', remove(client));
  if (memory !== stored) add('stores', store(client));
  const sealed = sealStep(memory, durablePrefix(client), `${name}:${client.keys + 1}`);
  if (sealed) add('seals', commit({ ...client, keys: client.keys + 1, exchange: idleExchange }, sealed));
  const request = memory.work?.request;
  if (request && !exchange.awaits && stored.work?.request?.idempotencyKey === request.idempotencyKey) {
    const message: Message = { type: 'request', from: at, request, isAwaited: true };
    const sending = { ...exchange, attempts: 1, awaits: true };
    add('sends', { ...client, exchange: sending }, { wire: [...state.wire, message] });
  }
  for (const told of state.server.states) {
    const step = toldStep(memory, told, (key) => client.ownKeys.includes(key));
    if (step?.type === 'settle')
      add(`hears of its own ${told.version}`, settled(client, step), withoutAnswers(state, at));
    else take(`hears of ${told.version}`, step);
  }
  take('contests', contestStep(memory, id));
  if (memory === stored) add('resolves', resolve(client));
  if (state.faults > 0) add('crashes', restart(client), { ...withoutAnswers(state, at), faults: state.faults - 1 });
  return moves;
}

function settled(client: ClientState, step: EntityStep & { readonly type: 'settle' }): ClientState {
  return commit({ ...client, ownKeys: [...client.ownKeys, step.key], exchange: idleExchange }, step);
}

/** Nobody waits for an answer any more: its request may still arrive. */
function withoutAnswers({ wire, committing }: ProtocolState, at: number): Pick<ProtocolState, 'wire' | 'committing'> {
  const unheard = (message: Message): Message[] => {
    if (message.type === 'answer') return message.to === at ? [] : [message];
    return [message.from === at ? { ...message, isAwaited: false } : message];
  };
  return {
    wire: wire.flatMap(unheard),
    committing: committing && { ...committing, answers: committing.answers.flatMap(unheard) },
  };
}

/** A server that crashes forgets what it has not committed, and every connection with it. */
function serverMoves(state: ProtocolState): Move<ProtocolState>[] {
  const { committing, faults, wire } = state;
  if (!committing) return [];
  const { server, answers } = committing;
  const committed = { ...state, server, committing: null, wire: [...wire, ...answers] };
  const moves = [{ name: 'the server commits', state: committed }];
  if (faults === 0) return moves;
  const left = wire.filter((message) => message.type === 'request' && !message.isAwaited);
  const without = state.clients.reduce(
    (before, { exchange }, at) => (exchange.awaits ? givenUp(before, at) : before),
    state,
  );
  moves.push({
    name: 'the server crashes',
    state: { ...without, committing: null, faults: faults - 1, wire: left },
  });
  return moves;
}

function wireMoves(
  state: ProtocolState,
  message: Message,
  at: number,
  hasMortalServer: boolean,
): Move<ProtocolState>[] {
  return message.type === 'request'
    ? requestMoves(state, message, at, hasMortalServer)
    : answerMoves(state, message, at);
}

function requestMoves(
  state: ProtocolState,
  message: Message & { type: 'request' },
  at: number,
  hasMortalServer: boolean,
): Move<ProtocolState>[] {
  const { from, request, isAwaited } = message;
  const { name } = state.clients[from] as ClientState;
  const others = state.wire.toSpliced(at, 1);
  const { server, answer } = handleRequest(state.server, request, name);
  const answered: Message[] = isAwaited ? [{ type: 'answer', to: from, request, answer }] : [];
  const what = `${request.idempotencyKey}${isAwaited ? '' : ', which nobody awaits,'}`;
  const arrived =
    hasMortalServer && state.faults > 0
      ? { ...state, committing: { server, answers: answered }, wire: others }
      : { ...state, server, wire: [...others, ...answered] };
  const moves = state.committing ? [] : [{ name: `${what} arrives`, state: arrived }];
  if (!isAwaited || state.faults === 0) return moves;
  const faults = state.faults - 1;
  const double: Message = { ...message, isAwaited: false };
  moves.push({ name: `${what} is doubled`, state: { ...state, faults, wire: [...state.wire, double] } });
  moves.push({ name: `${what} is lost`, state: { ...givenUp(state, from), faults, wire: others } });
  moves.push({ name: `${what} is late`, state: { ...givenUp(state, from), faults, wire: [...others, double] } });
  return moves;
}

function answerMoves(state: ProtocolState, message: Message & { type: 'answer' }, at: number): Move<ProtocolState>[] {
  const { to, request, answer } = message;
  const client = state.clients[to] as ClientState;
  const wire = state.wire.toSpliced(at, 1);
  const key = request.idempotencyKey;
  const id = `${client.name}-${client.sequence}-${state.server.states.length}`;
  const step = answerStep(client.memory, request, answer, client.exchange, id);
  const next = step?.type === 'settle' ? settled(client, step) : { ...client, exchange: idleExchange };
  const judged = step && step.type !== 'settle' ? commit(next, step) : next;
  const moves = [{ name: `the answer to ${key} arrives`, state: withClient({ ...state, wire }, to, judged) }];
  if (state.faults === 0) return moves;
  const lost = { ...givenUp(state, to), faults: state.faults - 1, wire };
  return [...moves, { name: `the answer to ${key} is lost`, state: lost }];
}

/** The time for the answer is over. */
function givenUp(state: ProtocolState, at: number): ProtocolState {
  const client = state.clients[at] as ClientState;
  const exchange = { ...client.exchange, unknown: true, awaits: false };
  return { ...state, clients: state.clients.with(at, { ...client, exchange }) };
}
