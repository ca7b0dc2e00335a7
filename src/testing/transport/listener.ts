import { BehaviorSubject, type Subscription } from 'rxjs';
import type { RemoteChange } from '../../core/record.ts';
import type { RealTimeChannel, RealTimeMessage, RealTimeTransport } from '../../ports/real-time.ts';
import { expectThat, settleWithin, show, showError } from '../conformance/expectations.ts';

/** One subscription to a transport, with all that it heard. */
export interface Listener {
  readonly messages: readonly RealTimeMessage[];
  /** Changes of an entity, in the order in which they came. */
  changesOf(id: string): readonly RemoteChange[];
  /** Waits until the messages satisfy; a finding when they do not in time, or when the connection ends before. */
  until(isSo: () => boolean, what: string): Promise<void>;
  /** Waits for the change of an entity, looked at. */
  change(id: string): Promise<RemoteChange>;
  /** How the stream ended; null: it has not. */
  readonly end: { readonly error: unknown } | 'completed' | null;
  follow(channels: readonly RealTimeChannel[]): void;
  unsubscribe(): void;
}

/** Subscribes to a transport. */
export function createListener(
  transport: RealTimeTransport,
  channels: readonly RealTimeChannel[],
  { clientId, timeoutMs }: { readonly clientId: string; readonly timeoutMs: number },
): Listener {
  const channels$ = new BehaviorSubject(channels);
  const messages: RealTimeMessage[] = [];
  const waiting = new Set<() => void>();
  let end: Listener['end'] = null;
  const wake = (): void => {
    for (const check of waiting) check();
  };
  const finish = (how: Listener['end']): void => {
    end = how;
    wake();
  };

  const subscription: Subscription = transport.connect({ clientId, channels$ }).subscribe({
    next(message) {
      messages.push(message);
      wake();
    },
    error: (error: unknown) => finish({ error }),
    complete: () => finish('completed'),
  });
  const changesOf = (id: string): readonly RemoteChange[] =>
    messages.flatMap((message) => (message.type === 'change' && message.change.id === id ? [message.change] : []));

  async function until(isSo: () => boolean, what: string): Promise<void> {
    let check = (): void => undefined;
    const happened = new Promise<void>((resolve) => {
      check = () => (isSo() || end !== null) && resolve();
      waiting.add(check);
      check();
    });
    try {
      await settleWithin(happened, timeoutMs, `${what} (heard so far: ${show(messages)}), waited for,`);
    } finally {
      waiting.delete(check);
    }
    expectThat(
      isSo(),
      `${what} did not come: the connection ended with ${end && typeof end === 'object' ? showError(end.error) : end}.`,
    );
  }

  return {
    messages,
    changesOf,
    until,
    async change(id) {
      await until(() => changesOf(id).length > 0, `A change of ${show(id)}`);
      return changesOf(id).at(-1) as RemoteChange;
    },
    get end() {
      return end;
    },
    follow: (next) => channels$.next(next),
    unsubscribe: () => subscription.unsubscribe(),
  };
}
