import type { RowId } from './rows.ts';

/** The ids of an array of rows in their three orders. */
export interface Orders {
  readonly base: readonly RowId[];
  readonly local: readonly RowId[];
  readonly remote: readonly RowId[];
}

function common(order: readonly RowId[], other: readonly RowId[]): RowId[] {
  const ids = new Set(other);
  return order.filter((id) => ids.has(id));
}

function isSameOrder(a: readonly RowId[], b: readonly RowId[]): boolean {
  const [left, right] = [common(a, b), common(b, a)];
  return left.every((id, index) => id === right[index]);
}

/** Which sides put rows that were there before into another order. */
export function movedSides({ base, local, remote }: Orders): 'none' | 'local' | 'remote' | 'both' {
  const localMoved = !isSameOrder(base, local);
  const remoteMoved = !isSameOrder(base, remote);
  if (localMoved && remoteMoved) return isSameOrder(local, remote) ? 'remote' : 'both';
  if (localMoved) return 'local';
  return remoteMoved ? 'remote' : 'none';
}

/**
 * All ids of both sides in one order: that of the first side, and after the row it followed there, each id that only the
 * second side has. Where both put rows into the same place, those of the remote side come first.
 */
export function weaveOrders({ local, remote }: Orders, first: 'local' | 'remote'): RowId[] {
  const [primary, secondary] = first === 'remote' ? [remote, local] : [local, remote];
  const inPrimary = new Set(primary);
  const inSecondary = new Set(secondary);
  const leading: RowId[] = [];
  const following = new Map<RowId, RowId[]>();
  let group = leading;
  for (const id of secondary) {
    if (inPrimary.has(id)) following.set(id, (group = []));
    else group.push(id);
  }

  const woven: RowId[] = [];
  let waiting = leading;
  const flush = (): void => {
    for (const id of waiting) woven.push(id);
    waiting = [];
  };
  if (first === 'local') flush();
  for (const id of primary) {
    if (inSecondary.has(id)) {
      flush();
      waiting = following.get(id) ?? [];
    }
    woven.push(id);
    if (first === 'local') flush();
  }
  flush();
  return woven;
}
