import type { Decision } from './decide.ts';
import type { Verdict, WriteItem } from './judge.ts';
import type { Principal } from './options.ts';
import type { Store, StoreTransaction } from './ports/store.ts';

type Applied = Extract<Decision, { type: 'applied' }>;

/** The stored entity, or the key, is no longer what the write was judged on. */
class OutdatedError extends Error {}

/**
 * Stores what shall be applied, in one transaction with a savepoint per write, and sets the results. Writes whose entity has
 * changed since they were judged, and those of the same entity behind them, are left without a result. Resolves with the
 * collections that changed.
 */
export async function commitVerdicts(
  store: Store,
  principal: Principal,
  verdicts: readonly Verdict[],
): Promise<readonly string[]> {
  const hasChanges = verdicts.some(({ decision }) => decision.type === 'applied');
  const settled = hasChanges
    ? await store.transaction((transaction) => applyAll(transaction, principal, verdicts))
    : verdicts;
  const collections = new Set<string>();
  for (const { item, decision } of settled) {
    item.result = toResult(decision);
    if (decision.type === 'applied') collections.add(decision.change.collection);
  }
  return [...collections];
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
