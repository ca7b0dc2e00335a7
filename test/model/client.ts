import type { ISyncEntity } from '../../src/core/entity.ts';
import { composeWrite, type OperationMark } from '../../src/outbox/compose-operation.ts';
import { unknownEntity, viewOf, type EntityState } from '../../src/store/entity-state.ts';
import { transition } from '../../src/store/entity-transition.ts';
import type { EntityStep } from '../../src/store/entry.ts';
import { exchangeAfterStart, idleExchange, resolveStep, type Exchange } from './exchange.ts';
import { collection, entityId, lastOf, marked, marksOf, policies, type MarkedEntity } from './marked-entity.ts';

/** What a conflict record says. */
export interface RecordedConflict {
  /** `last` of each side. */
  readonly local: string | null;
  readonly remote: string | null;
  /** Of a deletion against an edit: the writes that the other side shows. */
  readonly undeleted: readonly string[];
}

/** One client alone on its device. */
export interface ClientState {
  readonly name: string;
  /** What is shown, and what a crash leaves of it. */
  readonly memory: EntityState;
  readonly stored: EntityState;
  /** Operations that are not stored yet. */
  readonly undurable: readonly string[];
  /** Writes whose `durable` resolved. */
  readonly durable: readonly string[];
  readonly exchange: Exchange;
  readonly ownKeys: readonly string[];
  readonly writes: number;
  readonly sequence: number;
  readonly keys: number;
  /** What each write had seen in `last`. */
  readonly seen: Readonly<Record<string, readonly (string | null)[]>>;
  /** What each deletion took away: the writes that were shown. */
  readonly removals: Readonly<Record<string, readonly string[]>>;
  /** Every conflict record that there ever was. */
  readonly conflicts: readonly RecordedConflict[];
}

export function newClient(name: string): ClientState {
  return {
    name,
    memory: unknownEntity,
    stored: unknownEntity,
    undurable: [],
    durable: [],
    exchange: idleExchange,
    ownKeys: [],
    writes: 0,
    sequence: 0,
    keys: 0,
    seen: {},
    removals: {},
    conflicts: [],
  };
}

/** Times differ between clients and grow with each operation of one. */
export function markOf(name: string, sequence: number, id: string): OperationMark {
  const order = name.charCodeAt(0) - 97;
  const timestamp = new Date(Date.UTC(2026, 0, 1, 0, 0, sequence, order)).toISOString().replace('Z', '0000Z');
  return { id, clientId: name, sequence, timestamp };
}

/** Makes a step a fact in memory; it is stored later, in order. */
export function commit(client: ClientState, step: EntityStep): ClientState {
  const { state } = transition(client.memory, step, policies);
  const operation = step.type === 'write' || step.type === 'resolve' ? step.operation : null;
  const undurable = operation ? [...client.undurable, operation.id] : client.undurable;
  return { ...client, memory: state, undurable };
}

/** The app writes; null: that would change nothing. */
export function write(client: ClientState): ClientState | null {
  const { name, memory, writes } = client;
  const id = `${name}${writes + 1}`;
  const view = viewOf(memory);
  const written = put({ ...client, writes: writes + 1 }, marked(view, id), id);
  if (!written) return null;
  return { ...written, seen: { ...client.seen, [id]: seenWith(client, view) } };
}

/** What the client has seen in `last`, if it writes with this before its eyes. */
function seenWith({ name, writes, seen }: ClientState, view: ISyncEntity | null): readonly (string | null)[] {
  return [...new Set([...(seen[`${name}${writes}`] ?? []), lastOf(view)])];
}

/** The app deletes what is shown; null: there is nothing. */
export function remove(client: ClientState): ClientState | null {
  const view = viewOf(client.memory);
  if (!view) return null;
  const { name, writes, removals } = client;
  const id = `${name}d${Object.keys(removals).length + 1}`;
  const seen = { ...client.seen, [`${name}${writes}`]: seenWith(client, view) };
  return put({ ...client, seen, removals: { ...removals, [id]: marksOf(view) } }, null, id);
}

function put(client: ClientState, entity: MarkedEntity | null, id: string): ClientState | null {
  const { name, memory } = client;
  const sequence = client.sequence + 1;
  const step = composeWrite(
    memory,
    { collection, entityId, entity },
    () => [],
    () => markOf(name, sequence, id),
    policies,
  );
  return step && commit({ ...client, sequence }, step);
}

/** Everything that was committed is on the disk. */
export function store(client: ClientState): ClientState {
  const { memory, undurable, durable, name } = client;
  const written = undurable.filter((id) => id.startsWith(name) && !id.includes('-'));
  return { ...client, stored: memory, undurable: [], durable: [...durable, ...written] };
}

/** How many of the first operations are stored. */
export function durablePrefix({ memory, undurable }: ClientState): number {
  const pending = memory.work?.pending ?? [];
  const first = pending.findIndex(({ id }) => undurable.includes(id));
  return first < 0 ? pending.length : first;
}

/** The process is gone, and another one starts on the same disk. */
export function restart(client: ClientState): ClientState {
  const { stored } = client;
  return { ...client, memory: stored, undurable: [], exchange: exchangeAfterStart(stored), ownKeys: [] };
}

/** The strategy decides an open conflict. */
export function resolve(client: ClientState): ClientState | null {
  const sequence = client.sequence + 1;
  const resolved = resolveStep(client.memory, markOf(client.name, sequence, `${client.name}-${sequence}`));
  if (!resolved) return null;
  const { local, remote } = resolved.record;
  const undeleted = local && remote ? [] : marksOf(local ?? remote);
  const conflicts = [...client.conflicts, { local: lastOf(local), remote: lastOf(remote), undeleted }];
  return commit({ ...client, sequence, conflicts }, resolved.step);
}
