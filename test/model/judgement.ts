import { pendingOf, viewOf, type EntityState } from '../../src/store/entity-state.ts';
import type { ClientState } from './client.ts';
import { operationIds } from '../../src/store/entry.ts';
import { countOf, lastOf, marksOf } from './marked-entity.ts';
import type { ServerState } from './server.ts';

/** What a client knows of what it did. */
export type Witness = Pick<ClientState, 'name' | 'seen' | 'removals' | 'conflicts'>;

/** G1, G2, G3: what took effect, how often and in which order; and what was taken away by nobody who had seen it. */
export function effectViolations({ states }: ServerState, clients: readonly Witness[]): string[] {
  const violations: string[] = [];
  const lastByWriter = new Map<string, string>();
  const shown = new Set<string>();
  const given = new Set(clients.flatMap(givenAway));
  for (const [at, { version, entity }] of states.entries()) {
    const marks = marksOf(entity);
    if (countOf(entity) !== marks.length)
      violations.push(`G2 version ${version} counts ${countOf(entity)}, but shows ${marks.join(' ')}`);
    for (const mark of marks) {
      if (shown.has(mark)) continue;
      shown.add(mark);
      const writer = mark.slice(0, 1);
      const last = lastByWriter.get(writer) ?? '';
      if (mark < last) violations.push(`G3 ${mark} took effect after ${last}`);
      lastByWriter.set(writer, mark);
    }
    for (const mark of marksOf(states[at - 1]?.entity))
      if (!marks.includes(mark) && !given.has(mark)) violations.push(`G1 ${mark} is gone with version ${version}`);
  }
  return violations;
}

/** Writes that the client deleted knowingly, or that a record of its conflicts tells of. */
function givenAway({ removals, conflicts }: Witness): readonly string[] {
  return [...Object.values(removals).flat(), ...conflicts.flatMap(({ undeleted }) => undeleted)];
}

/** G1: a durable write is on the backend, or in what a crash would leave: shown, or waiting for the state it changes. */
export function lossViolations(
  { states }: ServerState,
  durable: readonly string[],
  left: EntityState,
  clients: readonly Witness[] = [],
): string[] {
  const pending = pendingOf(left);
  const waiting = JSON.stringify(left.base === null ? pending : []);
  const kept = new Set([
    ...operationIds(pending),
    ...marksOf(viewOf(left)),
    ...states.flatMap(({ entity }) => marksOf(entity)),
    ...clients.flatMap(givenAway),
    ...clients.flatMap((client) => removalsDone(states, client)),
  ]);
  return durable
    .filter((id) => !kept.has(id) && !waiting.includes(`"/${id}"`))
    .map((id) => `G1 ${id} was durable and is nowhere`);
}

/** Deletions after which the backend showed nothing of what they took away, or whose conflict is recorded. */
function removalsDone(states: ServerState['states'], { removals, conflicts }: Witness): readonly string[] {
  const isRecorded = (marks: readonly string[]) =>
    conflicts.some(({ undeleted }) => marks.some((mark) => undeleted.includes(mark)));
  const isGone = (marks: readonly string[]): boolean => {
    const shows = ({ entity }: { readonly entity: object | null }) =>
      marksOf(entity).some((mark) => marks.includes(mark));
    const first = states.findIndex(shows);
    return first < 0 || !states.slice(first).every(shows);
  };
  return Object.entries(removals).flatMap(([id, marks]) => (isGone(marks) || isRecorded(marks) ? [id] : []));
}

/** G6: what replaced `last` had seen it, or there is a record of both sides. */
export function silenceViolations({ states }: ServerState, clients: readonly Witness[]): string[] {
  const records = clients.flatMap(({ conflicts }) => conflicts);
  return states.slice(1).flatMap(({ entity }, at) => {
    const before = lastOf(states[at]?.entity);
    const after = lastOf(entity);
    if (before === after || before === null || after === null) return [];
    const writer = clients.find(({ name }) => after.startsWith(name));
    if (!writer || before.startsWith(writer.name) || writer.seen[after]?.includes(before)) return [];
    const isRecorded = records.some(({ local, remote }) => local === before || remote === before);
    return isRecorded ? [] : [`G6 ${after} replaced ${before} unseen, and no conflict says so`];
  });
}
