import { pendingOf, viewOf, type EntityState } from '../../src/store/entity-state.ts';
import type { ClientState } from './client.ts';
import { countOf, lastOf, marksOf } from './marked-entity.ts';
import type { ServerState } from './server.ts';

/** G2, G3: what took effect, how often and in which order. */
export function effectViolations({ states }: ServerState): string[] {
  const violations: string[] = [];
  const lastByWriter = new Map<string, string>();
  const shown = new Set<string>();
  for (const { version, entity } of states) {
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
    for (const mark of shown) if (!marks.includes(mark)) violations.push(`G1 ${mark} is gone with version ${version}`);
  }
  return violations;
}

/** G1: a durable write is on the backend, or in what a crash would leave: shown, or waiting for the state it changes. */
export function lossViolations({ states }: ServerState, durable: readonly string[], left: EntityState): string[] {
  const waiting = JSON.stringify(left.base === null ? pendingOf(left) : []);
  const kept = new Set([...marksOf(viewOf(left)), ...states.flatMap(({ entity }) => marksOf(entity))]);
  return durable
    .filter((mark) => !kept.has(mark) && !waiting.includes(`"/${mark}"`))
    .map((mark) => `G1 ${mark} was durable and is nowhere`);
}

type Witness = Pick<ClientState, 'name' | 'seen' | 'conflicts'>;

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
