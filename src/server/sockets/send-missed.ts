import type { CatchUpResult } from '../../../machines/session.machine.ts';
import type { Access } from '../access.ts';
import { toPatchJson, type ChangeJson } from '../change-json.ts';
import { formatCursor } from '../cursor.ts';
import { showChange } from '../feed-reader.ts';
import type { Limits } from '../limits.ts';
import type { Principal } from '../options.ts';
import type { Store, StoredChange } from '../ports/store.ts';
import { toEntityJson } from '../record-json.ts';
import type { Outbox } from './outbox.ts';
import type { Subscription, Subscriptions } from './subscriptions.ts';

const pageSize = 200;

interface Receiver {
  readonly store: Store;
  readonly access: Access;
  readonly limits: Limits;
  readonly outbox: Outbox;
  readonly subscriptions: Subscriptions;
  readonly principal: () => Principal;
}

/**
 * Sends everything that the feed holds for the channels and the receiver has not got, in feed order. A receiver that
 * reads too slowly gets one `poke` in its place.
 */
export async function sendMissed(receiver: Receiver, signal: AbortSignal): Promise<CatchUpResult> {
  const { store, subscriptions, outbox } = receiver;
  while (!signal.aborted) {
    const after = subscriptions.lowest();
    if (after === null) return 'reached';
    const followed = new Set(subscriptions.all());
    const collections = subscriptions.collections();
    const { floor, head, changes } = await store.read(async (reader) => ({
      ...(await reader.bounds()),
      changes: await reader.changes({ after, limit: pageSize, collections }),
    }));
    if (after < floor) {
      outbox.send({ type: 'resync', epoch: store.epoch });
      moveTo(followed, head);
      continue;
    }
    const isWhole = changes.length < pageSize;
    const result = await sendChanges(receiver, changes, followed, signal);
    if (result === 'lagging') {
      outbox.send({ type: 'poke' });
      moveTo(followed, head);
      return 'lagging';
    }
    moveTo(followed, isWhole ? head : (changes.at(-1)?.seq ?? head));
    if (isWhole && subscriptions.lowest() === head) return 'reached';
  }
  return 'reached';
}

/** A channel that was added meanwhile keeps its own place. */
function moveTo(followed: ReadonlySet<Subscription>, seq: number): void {
  for (const subscription of followed) subscription.seq = Math.max(subscription.seq, seq);
}

async function sendChanges(
  receiver: Receiver,
  changes: readonly StoredChange[],
  followed: ReadonlySet<Subscription>,
  signal: AbortSignal,
): Promise<CatchUpResult> {
  for (const change of changes) {
    const concerned = receiver.subscriptions.behind(change).filter((subscription) => followed.has(subscription));
    if (concerned.length === 0) continue;
    const shown = await show(
      receiver,
      change,
      concerned.every(({ holdsBase }) => holdsBase),
    );
    if (signal.aborted) return 'reached';
    if (shown === null) continue;
    if (receiver.outbox.buffered() > receiver.limits.bufferedBytes) return 'lagging';
    receiver.outbox.sendChange(shown);
  }
  return 'reached';
}

/** As a patch where the receiver can apply it and it is the smaller one. */
async function show(receiver: Receiver, change: StoredChange, holdsBase: boolean): Promise<ChangeJson | null> {
  const { store, access } = receiver;
  const principal = receiver.principal();
  const cursor = formatCursor({ epoch: store.epoch, seq: change.seq });
  const shown = await showChange(access, principal, change, cursor);
  const { patch } = change;
  if (shown === null || shown.deleted || !holdsBase || patch === null || !isSmaller(patch, change.entity)) return shown;
  const before = toEntityJson({ ...change, entity: change.before, version: change.baseVersion ?? 0 });
  const sawBefore = before !== null && (await access.may(principal, 'read', change.collection, before));
  return sawBefore ? toPatchJson(change, patch, cursor) : shown;
}

const isSmaller = (patch: unknown, entity: unknown): boolean =>
  JSON.stringify(patch).length < JSON.stringify(entity).length;
