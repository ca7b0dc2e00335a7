import { Subject } from 'rxjs';
import type { Clock, TabChannel, TabChannelPort } from '../../ports/environment.ts';
import type { TabLife } from './memory-tab.ts';

/** One message on its way to one end. */
export interface TabMessage {
  readonly from: TabLife;
  readonly to: TabLife;
  /** Of the channel. */
  readonly name: string;
  readonly message: unknown;
}

/** What becomes of messages on their way. */
export interface MemoryTabChannelsOptions {
  /** How long the next one takes at least, in milliseconds; default 0. None overtakes another on the way to the same end. */
  readonly delayMs?: () => number;
  /** Whether it never arrives; default: all do. Asked when it is posted, once for each end. */
  readonly isLost?: (message: TabMessage) => boolean;
}

/** The channels of one origin, in memory. */
export interface MemoryTabChannels {
  /** The channels as one tab has them. A frozen tab hears what was said when it is thawed; a killed one is not there any more. */
  of(tab: TabLife): TabChannelPort;
}

interface End {
  readonly tab: TabLife;
  readonly messages$: Subject<unknown>;
  lastArrivalMs: number;
}

/**
 * Channels that nobody has opened. Messages are cloned when they are posted, and arrive when the clock gets there: `advance(0)`
 * suffices without a delay.
 *
 * @example
 * const clock = createVirtualClock();
 * const channels = createMemoryTabChannels(clock, { delayMs: () => 50 });
 * const [here, there] = [createMemoryTab(), createMemoryTab()].map((tab) => channels.of(tab).open('news'));
 * there.messages$.subscribe(console.log);
 * here.post({ text: 'hello' });
 * await clock.advance(50); // logs it
 */
export function createMemoryTabChannels(clock: Clock, options: MemoryTabChannelsOptions = {}): MemoryTabChannels {
  const { delayMs = () => 0, isLost = () => false } = options;
  const endsByName = new Map<string, Set<End>>();

  const send = (end: End, message: unknown): void => {
    const copy: unknown = structuredClone(message);
    end.lastArrivalMs = Math.max(end.lastArrivalMs, clock.now() + delayMs());
    clock.setTimeout(() => end.tab.deliver(() => end.messages$.next(copy)), end.lastArrivalMs - clock.now());
  };

  function open(tab: TabLife, name: string): TabChannel {
    const ends = endsByName.get(name) ?? new Set();
    endsByName.set(name, ends);
    const self: End = { tab, messages$: new Subject(), lastArrivalMs: clock.now() };
    const forgetTab = tab.onKilled(() => ends.delete(self));
    if (tab.isAlive) ends.add(self);
    return {
      post(message) {
        if (!ends.has(self)) return;
        for (const end of ends) {
          if (end !== self && !isLost({ from: tab, to: end.tab, name, message })) send(end, message);
        }
      },
      messages$: self.messages$.asObservable(),
      close() {
        forgetTab();
        ends.delete(self);
        self.messages$.complete();
      },
    };
  }

  return { of: (tab) => ({ open: (name) => open(tab, name) }) };
}
