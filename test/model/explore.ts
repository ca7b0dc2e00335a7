import { createHash } from 'node:crypto';

/** Something that can happen in a state, and what it leads to. */
export interface Move<S> {
  readonly name: string;
  readonly state: S;
}

/** A world whose states are plain data. */
export interface Model<S> {
  readonly initial: S;
  moves(state: S): readonly Move<S>[];
  /** What must not be: the ids of the rules with words. */
  violations(state: S): readonly string[];
  /** Everything is settled: from every state there must be a way here. */
  isSettled(state: S): boolean;
}

/** What was found, and how it comes about. */
export interface Exploration {
  readonly states: number;
  readonly moves: number;
  readonly settled: number;
  /** Every reachable state was looked at, and what it leads to. */
  readonly isComplete: boolean;
  /** The first violation, or the first state that leads nowhere; null: none. */
  readonly fault: { readonly violation: string; readonly path: readonly string[] } | null;
}

interface Visited<S> {
  /** Null: it was looked at, and what it leads to is known. */
  state: S | null;
  readonly parent: number;
  readonly name: string;
}

/**
 * Looks at every state that can be reached, those with the fewest moves first, until one is wrong or `limit` are known. A
 * state is a trap when everything that it leads to is known, and nothing of it is settled: also where the limit was reached.
 */
export function exploreModel<S>(model: Model<S>, limit: number): Exploration {
  const visited: Visited<S>[] = [{ state: model.initial, parent: -1, name: '' }];
  const numberByDigest = new Map([[digestOf(model.initial), 0]]);
  const sources: number[][] = [[]];
  const settled: number[] = [];
  let moves = 0;
  let isFull = false;

  const result = (violation: string | null, at: number): Exploration => ({
    states: visited.length,
    moves,
    settled: settled.length,
    isComplete: visited.every(({ state }) => state === null),
    fault: violation === null ? null : { violation, path: pathTo(visited, at) },
  });

  /** Returns whether there was room for all of them. */
  function expand(at: number, state: S): boolean {
    for (const { name, state: next } of model.moves(state)) {
      moves += 1;
      const digest = digestOf(next);
      const known = numberByDigest.get(digest);
      if (known !== undefined) {
        sources[known]?.push(at);
        continue;
      }
      if (visited.length >= limit) return false;
      numberByDigest.set(digest, visited.length);
      visited.push({ state: next, parent: at, name });
      sources.push([at]);
    }
    return true;
  }

  for (const [at, each] of visited.entries()) {
    const state = each.state as S;
    const [violation] = model.violations(state);
    if (violation !== undefined) return result(violation, at);
    if (model.isSettled(state)) settled.push(at);
    isFull ||= !expand(at, state);
    if (!isFull) each.state = null;
  }
  const open = visited.flatMap(({ state }, at) => (state === null ? [] : [at]));
  const trap = findTrap(sources, [...settled, ...open]);
  return trap === null ? result(null, 0) : result('G5 nothing leads from here to where all is settled', trap);
}

function digestOf(state: unknown): string {
  return createHash('sha1').update(JSON.stringify(state)).digest('base64');
}

/** `ends`: what is settled, and what may lead there for all that is known. */
function findTrap(sources: readonly (readonly number[])[], ends: readonly number[]): number | null {
  const leads = new Set(ends);
  for (const at of leads) for (const source of sources[at] ?? []) leads.add(source);
  const trap = sources.findIndex((_, at) => !leads.has(at));
  return trap < 0 ? null : trap;
}

function pathTo<S>(visited: readonly Visited<S>[], end: number): readonly string[] {
  const path: string[] = [];
  for (let at = end; at > 0; at = visited[at]?.parent ?? 0) path.unshift(visited[at]?.name ?? '');
  return path;
}
