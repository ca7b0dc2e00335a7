import type { CatchUpResult } from '../../../machines/session.machine.ts';
import type { Access } from '../access.ts';
import type { Limits } from '../limits.ts';
import { formatCursor } from '../cursor.ts';
import type { StoredChange } from '../ports/store.ts';
import { judgeVisibility, sawBefore } from '../visibility.ts';
import type { FormatChange } from './change-text.ts';
import type { FeedWindow } from './feed-window.ts';
import type { Identity } from './identity.ts';
import type { Outbox } from './outbox.ts';
import type { Subscription, Subscriptions } from './subscriptions.ts';

/** One socket as the feed sees it. */
export interface Receiver {
  readonly epoch: string;
  readonly window: FeedWindow;
  readonly formatChange: FormatChange;
  readonly access: Access;
  readonly limits: Limits;
  readonly outbox: Outbox;
  readonly subscriptions: Subscriptions;
  readonly identity: Identity;
}

/**
 * Sends everything that the feed holds for the channels and the receiver has not got, in feed order. A receiver that
 * reads too slowly gets one `poke` in its place.
 */
export async function sendMissed(receiver: Receiver, signal: AbortSignal): Promise<CatchUpResult> {
  const { window, subscriptions, outbox } = receiver;
  while (!signal.aborted) {
    const after = subscriptions.lowest();
    if (after === null) return 'reached';
    const followed = new Set(subscriptions.all());
    const { floor, head, changes, isWhole } = await window.read(after, subscriptions.collections());
    if (after < floor) {
      outbox.send({ type: 'resync', epoch: receiver.epoch });
      moveTo(followed, head);
      continue;
    }
    const result = await sendChanges(receiver, changes, followed, signal);
    if (result === 'lagging') outbox.pokeAndAwaitDrain();
    const reached = isWhole || result === 'lagging' ? head : (changes.at(-1)?.seq ?? head);
    moveTo(followed, reached);
    if (result === 'lagging') return 'lagging';
    if (isWhole && (subscriptions.lowest() ?? head) >= head) return 'reached';
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
  const { outbox, limits, subscriptions } = receiver;
  for (const change of changes) {
    const concerned = subscriptions.behind(change).filter((subscription) => followed.has(subscription));
    if (concerned.length === 0) continue;
    const text = await formatFor(
      receiver,
      change,
      concerned.every(({ holdsBase }) => holdsBase),
    );
    if (signal.aborted) return 'reached';
    if (text === null) continue;
    if (outbox.buffered() > limits.bufferedBytes) return 'lagging';
    const { epoch, identity } = receiver;
    outbox.sendChange(formatCursor({ epoch, seq: change.seq, claims: identity.claims() }), text);
  }
  return 'reached';
}

async function formatFor(receiver: Receiver, change: StoredChange, holdsBase: boolean): Promise<string | null> {
  const { access, formatChange } = receiver;
  const principal = receiver.identity.principal();
  switch (await judgeVisibility(access, principal, change)) {
    case 'hidden':
      return null;
    case 'removal':
      return formatChange(change, 'removal');
    case 'whole': {
      const canPatch = holdsBase && change.patch !== null && (await sawBefore(access, principal, change));
      return formatChange(change, canPatch ? 'patch' : 'whole');
    }
  }
}
