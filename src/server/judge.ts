import type { Access } from './access.ts';
import type { Decision } from './decide.ts';
import { evaluate } from './evaluate.ts';
import type { Principal } from './options.ts';
import type { StoredAnswer, StoredEntity, StoredRepeat } from './ports/store.ts';
import { createProblem, ProblemError, type Problem } from './problem.ts';
import type { Validate } from './validation.ts';
import type { WriteRequest } from './write-request.ts';

/** What a write is answered with. */
export type WriteResult = { readonly answer: StoredAnswer; readonly replayed: boolean } | { readonly problem: Problem };

/** One write on its way to its result. */
export interface WriteItem {
  readonly index: number;
  readonly request: WriteRequest;
  readonly fingerprint: string;
  result: WriteResult | null;
}

/** The writes of one entity, in order. */
export interface Lane {
  readonly collection: string;
  readonly id: string;
  readonly items: readonly WriteItem[];
}

/** What writes are judged with. */
export interface Judge {
  readonly access: Access;
  readonly validate: Validate;
  readonly now: () => number;
}

/** What shall become of a write, if the stored entity still is what it was judged on. */
export interface Verdict {
  readonly item: WriteItem;
  readonly decision: Decision;
}

/** What the writes of one entity find when they are judged. */
export interface LaneSituation {
  readonly lane: Lane;
  readonly stored: StoredEntity | null;
  readonly repeats: ReadonlyMap<string, StoredRepeat | null>;
}

/** Judges the open writes of one entity, each on the result of those before it; after a failure none is attempted. */
export async function judgeLane(
  judge: Judge,
  principal: Principal,
  situation: LaneSituation,
): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = [];
  let { stored } = situation;
  let failed = false;
  for (const item of situation.lane.items) {
    if (item.result !== null) {
      failed ||= 'problem' in item.result;
      continue;
    }
    const repeat = situation.repeats.get(item.request.idempotencyKey) ?? null;
    const decision = failed
      ? refuse(createProblem('not-attempted'))
      : await judgeItem(judge, { principal, request: item.request, fingerprint: item.fingerprint, stored, repeat });
    verdicts.push({ item, decision });
    failed ||= decision.type === 'refused';
    if (decision.type === 'applied') stored = decision.change;
  }
  return verdicts;
}

const refuse = (problem: Problem): Decision => ({ type: 'refused', problem });

async function judgeItem(judge: Judge, input: Omit<Parameters<typeof evaluate>[0], 'nowMs'>): Promise<Decision> {
  try {
    return await evaluate({ ...input, nowMs: judge.now() }, judge.access, judge.validate);
  } catch (error) {
    if (error instanceof ProblemError) return refuse(error.problem);
    throw error;
  }
}
