import type { Decision } from './decide.ts';
import type { Verdict, WriteItem } from './judge.ts';
import type { Principal } from './options.ts';
import type { Store, StoreTransaction } from './ports/store.ts';

type Applied = Extract<Decision, { type: 'applied' }>;

/** The stored entity, or the key, is no longer what the write was judged on. */
class OutdatedError extends Error {}

/** Stores what was judged. */
export interface Committer {
  /**
   * Stores what shall be applied, in one transaction with a savepoint per write, and sets the results. Writes whose entity has
   * changed since they were judged, and those of the same entity behind them, are left without a result. Resolves with the
   * collections that changed.
   */
  commit(principal: Principal, verdicts: readonly Verdict[]): Promise<readonly string[]>;
}

interface Submission {
  readonly principal: Principal;
  readonly verdicts: readonly Verdict[];
  readonly resolve: (settled: readonly Verdict[]) => void;
  readonly reject: (error: unknown) => void;
}

/** What is submitted while a transaction is under way goes together into the next one: reaching the disk is what costs. */
export function createCommitter(store: Store): Committer {
  let waiting: Submission[] = [];
  let isCommitting = false;

  const commitWaiting = async (): Promise<void> => {
    isCommitting = true;
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      await commitGroup(store, group);
    }
    isCommitting = false;
  };
  const submit = (principal: Principal, verdicts: readonly Verdict[]): Promise<readonly Verdict[]> =>
    new Promise((resolve, reject) => {
      waiting.push({ principal, verdicts, resolve, reject });
      if (!isCommitting) void commitWaiting();
    });

  return {
    async commit(principal, verdicts) {
      const hasChanges = verdicts.some(({ decision }) => decision.type === 'applied');
      const settled = hasChanges ? await submit(principal, verdicts) : verdicts;
      const collections = new Set<string>();
      for (const { item, decision } of settled) {
        item.result = toResult(decision);
        if (decision.type === 'applied') collections.add(decision.change.collection);
      }
      return [...collections];
    },
  };
}

async function commitGroup(store: Store, group: readonly Submission[]): Promise<void> {
  try {
    const settled = await store.transaction(async (transaction) => {
      const all: (readonly Verdict[])[] = [];
      for (const { principal, verdicts } of group) all.push(await applyAll(transaction, principal, verdicts));
      return all;
    });
    for (const [index, { resolve }] of group.entries()) resolve(settled[index] ?? []);
  } catch (error) {
    for (const { reject } of group) reject(error);
  }
}

function toResult(decision: Decision): NonNullable<WriteItem['result']> {
  if (decision.type === 'refused') return { problem: decision.problem };
  return { answer: decision.answer, replayed: decision.type === 'replayed' };
}

async function applyAll(
  transaction: StoreTransaction,
  principal: Principal,
  verdicts: readonly Verdict[],
): Promise<readonly Verdict[]> {
  const settled: Verdict[] = [];
  const outdated = new Set<string>();
  for (const verdict of verdicts) {
    const { item, decision } = verdict;
    const place = `${item.request.collection}/${item.request.id}`;
    if (outdated.has(place)) continue;
    const isApplied = decision.type !== 'applied' || (await tryApply(transaction, principal, item, decision));
    if (isApplied) settled.push(verdict);
    else outdated.add(place);
  }
  return settled;
}

async function tryApply(
  transaction: StoreTransaction,
  principal: Principal,
  item: WriteItem,
  decision: Applied,
): Promise<boolean> {
  try {
    await transaction.savepoint(() => apply(transaction, principal, item, decision));
    return true;
  } catch (error) {
    if (error instanceof OutdatedError) return false;
    throw error;
  }
}

async function apply(
  transaction: StoreTransaction,
  principal: Principal,
  { request, fingerprint }: WriteItem,
  { change, answer }: Applied,
): Promise<void> {
  const stored = await transaction.entity(change.collection, change.id);
  const repeat = await transaction.repeat(principal.id, request.idempotencyKey);
  if ((stored?.version ?? null) !== change.baseVersion || repeat !== null) throw new OutdatedError();
  const { baseVersion: _base, before: _before, patch: _patch, committedAtMs, ...entity } = change;
  await transaction.putEntity(entity);
  await transaction.appendChange(change);
  await transaction.putRepeat({
    principal: principal.id,
    key: request.idempotencyKey,
    fingerprint,
    answer,
    appliedAtMs: committedAtMs,
  });
}
