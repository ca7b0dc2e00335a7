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
  /** Every reachable state was looked at. */
  readonly isComplete: boolean;
  /** The first violation, or the first state that leads nowhere; null: none. */
  readonly fault: { readonly violation: string; readonly path: readonly string[] } | null;
}

interface Visited<S> {
  readonly state: S;
  readonly parent: number;
  readonly name: string;
}

/** Looks at every state that can be reached, those with the fewest moves first, until one is wrong or `limit` are known. */
export function exploreModel<S>(model: Model<S>, limit: number): Exploration {
  const visited: Visited<S>[] = [{ state: model.initial, parent: -1, name: '' }];
  const numberByDigest = new Map([[digestOf(model.initial), 0]]);
  const sources: number[][] = [[]];
  const settled: number[] = [];
  let moves = 0;

  const result = (violation: string | null, at: number, isComplete: boolean): Exploration => ({
    states: visited.length,
    moves,
    settled: settled.length,
    isComplete,
    fault: violation === null ? null : { violation, path: pathTo(visited, at) },
  });

  for (let at = 0; at < visited.length; at += 1) {
    const { state } = visited[at] as Visited<S>;
    const [violation] = model.violations(state);
    if (violation !== undefined) return result(violation, at, false);
    if (model.isSettled(state)) settled.push(at);
    for (const { name, state: next } of model.moves(state)) {
      moves += 1;
      const digest = digestOf(next);
      const known = numberByDigest.get(digest);
      if (known !== undefined) {
        sources[known]?.push(at);
        continue;
      }
      if (visited.length >= limit) return result(null, at, false);
      numberByDigest.set(digest, visited.length);
      visited.push({ state: next, parent: at, name });
      sources.push([at]);
    }
  }
  const trap = findTrap(sources, settled);
  return trap === null
    ? result(null, 0, true)
    : result('G5 nothing leads from here to where all is settled', trap, true);
}

function digestOf(state: unknown): string {
  return createHash('sha1').update(JSON.stringify(state)).digest('base64');
}

function findTrap(sources: readonly (readonly number[])[], settled: readonly number[]): number | null {
  const leads = new Set(settled);
  for (const at of leads) for (const source of sources[at] ?? []) leads.add(source);
  const trap = sources.findIndex((_, at) => !leads.has(at));
  return trap < 0 ? null : trap;
}

function pathTo<S>(visited: readonly Visited<S>[], end: number): readonly string[] {
  const path: string[] = [];
  for (let at = end; at > 0; at = visited[at]?.parent ?? 0) path.unshift(visited[at]?.name ?? '');
  return path;
}
