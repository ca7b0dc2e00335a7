import type { SealedRequest } from '../../src/store/entry.ts';
import { markOf } from './client.ts';
import { answerStep, contestStep, idleExchange, resolveStep, sealStep, toldStep } from './exchange.ts';
import type { Model, Move } from './explore.ts';
import { effectViolations, lossViolations } from './judgement.ts';
import { emptyServer, handleRequest, writeForeign, type ServerState } from './server.ts';
import { append, emptyStorage, holdsThrone, readAll, stateLeft, type SharedStorage } from './shared-log.ts';
import {
  becomeSure,
  commit,
  draftOf,
  follow,
  importDrafts,
  newTab,
  takeOver,
  undurable,
  writeAsLeader,
  type TabState,
} from './tab.ts';

/** A request on its way. `to` null: nobody awaits the answer any more. */
interface Message {
  readonly request: SealedRequest;
  readonly from: string;
  readonly to: number | null;
}

interface TabsState {
  readonly server: ServerState;
  readonly storage: SharedStorage;
  readonly tabs: readonly TabState[];
  readonly wire: readonly Message[];
  readonly durable: readonly string[];
  readonly lives: number;
  readonly writes: number;
  readonly foreignWrites: number;
  /** How many more things may go wrong: a tab gone, a lock broken, an answer lost or late. */
  readonly faults: number;
}

export interface TabsOptions {
  readonly tabs: number;
  /** Of all tabs together. */
  readonly writes: number;
  /** Of somebody else, on the backend. */
  readonly foreignWrites: number;
  readonly faults: number;
}

/** The tabs of one device share a storage and one log. Any of them may take over at any time where the lock is broken. */
export function createTabs({ tabs, writes, foreignWrites, faults }: TabsOptions): Model<TabsState> {
  return {
    initial: {
      server: emptyServer,
      storage: emptyStorage,
      tabs: Array.from({ length: tabs }, (_, at) => newTab(writerOf(at), emptyStorage)),
      wire: [],
      durable: [],
      lives: tabs,
      writes,
      foreignWrites,
      faults,
    },
    moves: (state) => [
      ...state.tabs.flatMap((tab, at) => [...commonMoves(state, tab, at), ...roleMoves(state, tab, at)]),
      ...state.wire.flatMap((message, at) => wireMoves(state, message, at)),
      ...foreignMoves(state),
    ],
    violations: ({ server, durable, storage }) => [
      ...effectViolations(server, []),
      ...lossViolations(server, durable, stateLeft(storage)),
    ],
    isSettled,
  };
}

const writerOf = (life: number) => String.fromCharCode(97 + life);

function isSettled({ tabs, storage, wire, server }: TabsState): boolean {
  const [leader, ...others] = tabs.filter(({ role }) => role !== 'follower');
  if (!leader || others.length > 0 || leader.role !== 'leader' || wire.length > 0) return false;
  const { state, drafts } = readAll(storage);
  const version = server.states.at(-1)?.version ?? null;
  const isStored = leader.unstored.length === 0 && leader.unsure.length === 0;
  return isStored && drafts.length === 0 && !state.work && (state.base?.version ?? null) === version;
}

function withTab(state: TabsState, at: number, tab: TabState): TabsState {
  return { ...state, tabs: state.tabs.with(at, tab) };
}

function commonMoves(state: TabsState, tab: TabState, at: number): Move<TabsState>[] {
  const { storage, faults, lives } = state;
  const { writer, role } = tab;
  const moves: Move<TabsState>[] = [];
  const isLed = state.tabs.some((other) => other !== tab && other.role !== 'follower');
  if (role === 'follower' && (!isLed || faults > 0)) {
    const epoch = Math.max(0, ...storage.claims.map((claim) => claim.epoch)) + 1;
    const claimed = { ...storage, claims: [...storage.claims, { epoch, writer }] };
    const next = withTab({ ...state, storage: claimed, faults: isLed ? faults - 1 : faults }, at, {
      ...tab,
      role: 'claiming',
      epoch,
    });
    moves.push({ name: `${writer} claims${isLed ? ', although another one leads' : ''}`, state: next });
  }
  if (faults > 0) {
    const gone = withoutAnswers({ ...state, faults: faults - 1, lives: lives + 1 }, at);
    moves.push({ name: `${writer} is gone`, state: withTab(gone, at, newTab(writerOf(lives), storage)) });
  }
  return moves;
}

function withoutAnswers(state: TabsState, at: number): TabsState {
  return { ...state, wire: state.wire.map((message) => (message.to === at ? { ...message, to: null } : message)) };
}

function roleMoves(state: TabsState, tab: TabState, at: number): Move<TabsState>[] {
  switch (tab.role) {
    case 'follower':
      return followerMoves(state, tab, at);
    case 'claiming':
      return [{ name: `${tab.writer} takes over`, state: withTab(state, at, takeOver(tab, state.storage)) }];
    case 'leader':
      /** What is committed meanwhile would only be stored with it: the storage is not kept waiting, so that all can be looked at. */
      return tab.unstored.length > 0
        ? storageMoves(state, tab, at)
        : [...leaderMoves(state, tab, at), ...storageMoves(state, tab, at)];
  }
}

function followerMoves(state: TabsState, tab: TabState, at: number): Move<TabsState>[] {
  const { writer } = tab;
  const followed = { name: `${writer} follows`, state: withTab(state, at, follow(tab, state.storage)) };
  const draft = state.writes > 0 ? draftOf(tab) : null;
  if (!draft) return [followed];
  const storage = append(state.storage, writer, [draft]);
  const drafted = follow({ ...tab, sequence: tab.sequence + 1 }, storage);
  const durable = [...state.durable, draft.operation.id];
  return [
    followed,
    { name: `${writer} drafts`, state: withTab({ ...state, storage, durable, writes: state.writes - 1 }, at, drafted) },
  ];
}

function leaderMoves(state: TabsState, tab: TabState, at: number): Move<TabsState>[] {
  const { writer, memory, exchange } = tab;
  const moves: Move<TabsState>[] = [];
  const add = (what: string, next: TabState | null, rest: Partial<TabsState> = {}): void => {
    if (next) moves.push({ name: `${writer} ${what}`, state: withTab({ ...state, ...rest }, at, next) });
  };
  const id = `${writer}-${tab.sequence}-${state.server.states.length}`;
  if (state.writes > 0) add('writes', writeAsLeader(tab), { writes: state.writes - 1 });
  add('imports', importDrafts(tab, state.storage));
  const sealed = sealStep(memory, durablePrefix(tab), `${writer}:${tab.keys + 1}`);
  if (sealed) add('seals', commit({ ...tab, keys: tab.keys + 1, exchange: idleExchange }, sealed));
  const request = memory.work?.request;
  if (request && !exchange.awaits && tab.sendable.includes(request.idempotencyKey)) {
    const wire = [...state.wire, { request, from: writer, to: at }];
    add('sends', { ...tab, exchange: { ...exchange, attempts: 1, awaits: true } }, { wire });
  }
  const newest = state.server.states.at(-1);
  const told = newest ? toldStep(memory, newest, () => false) : null;
  if (told?.type === 'settle')
    add('hears of its own', commit({ ...tab, exchange: idleExchange }, told), { wire: withoutAnswers(state, at).wire });
  else if (told) add(`hears of ${newest?.version}`, commit(tab, told));
  const contested = contestStep(memory, id);
  if (contested) add('contests', commit(tab, contested));
  const isSure = tab.unstored.length === 0 && tab.unsure.length === 0;
  const resolved = isSure ? resolveStep(memory, markOf(writer, tab.sequence + 1, `${id}-r`)) : null;
  if (resolved) add('resolves', commit({ ...tab, sequence: tab.sequence + 1 }, resolved.step));
  return moves;
}

function durablePrefix(tab: TabState): number {
  const pending = tab.memory.work?.pending ?? [];
  const open = undurable(tab);
  const first = pending.findIndex(({ id }) => open.includes(id));
  return first < 0 ? pending.length : first;
}

/** What is stored is said to be durable only after a look at the claims. */
function storageMoves(state: TabsState, tab: TabState, at: number): Move<TabsState>[] {
  const { writer, unstored, unsure, epoch } = tab;
  const moves: Move<TabsState>[] = [];
  if (unstored.length > 0 && unsure.length === 0) {
    const storage = append(state.storage, writer, unstored);
    moves.push({
      name: `${writer} stores`,
      state: withTab({ ...state, storage }, at, { ...tab, unstored: [], unsure: unstored }),
    });
  }
  const isHeld = holdsThrone(state.storage, epoch);
  if (isHeld && unsure.length > 0) {
    const told = undurable({ ...tab, unstored: [] }).filter((id) => /^[a-z]\d$/.test(id));
    const durable = [...new Set([...state.durable, ...told])];
    moves.push({ name: `${writer} is sure`, state: withTab({ ...state, durable }, at, becomeSure(tab)) });
  }
  if (!isHeld)
    moves.push({
      name: `${writer} steps down`,
      state: withTab(withoutAnswers(state, at), at, follow(tab, state.storage)),
    });
  return moves;
}

function wireMoves(state: TabsState, message: Message, at: number): Move<TabsState>[] {
  const { request, from, to } = message;
  const key = request.idempotencyKey;
  const wire = state.wire.toSpliced(at, 1);
  const { server, answer } = handleRequest(state.server, request, from);
  if (to === null) return [{ name: `${key} arrives, and nobody awaits it`, state: { ...state, server, wire } }];
  const tab = state.tabs[to] as TabState;
  const id = `${tab.writer}-${tab.sequence}-${server.states.length}`;
  const step = answerStep(tab.memory, request, answer, tab.exchange, id);
  const idle = { ...tab, exchange: idleExchange };
  const answered = withTab({ ...state, server, wire }, to, step ? commit(idle, step) : idle);
  const moves = [{ name: `${key} is answered`, state: answered }];
  if (state.faults === 0) return moves;
  const faults = state.faults - 1;
  const waiting = { ...tab, exchange: { ...tab.exchange, unknown: true, awaits: false } };
  moves.push({ name: `the answer to ${key} is lost`, state: withTab({ ...state, server, wire, faults }, to, waiting) });
  const late = [...wire, { ...message, to: null }];
  moves.push({ name: `${key} is late`, state: withTab({ ...state, wire: late, faults }, to, waiting) });
  return moves;
}

function foreignMoves(state: TabsState): Move<TabsState>[] {
  if (state.foreignWrites === 0) return [];
  const server = writeForeign(state.server, `z${state.foreignWrites}`);
  return [{ name: 'somebody else writes', state: { ...state, server, foreignWrites: state.foreignWrites - 1 } }];
}
