import type { LockPort, TabChannel } from '../../src/ports/environment.ts';

/** One tab of an origin, as it is reached from the test. */
export interface OpenTab {
  readonly locks: LockPort;
  /** Resolves when the channel hears. */
  openChannel(name: string): Promise<TabChannel>;
}

/** A tab that can be lost. */
export interface MortalTab extends OpenTab {
  /** Resolves when the platform knows that it is gone. */
  lose(how: 'closed' | 'crashed'): Promise<void>;
}

/** Tabs that share their locks and channels with one another, and with nothing else. */
export interface TabOrigin<T extends OpenTab = OpenTab> {
  open(): Promise<T>;
  end(): Promise<void>;
}
