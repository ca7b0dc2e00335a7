import { createEnvironment } from '../../src/adapters/browser/environment.ts';
import type { TabChannel } from '../../src/ports/environment.ts';

/** How a request or its callback ended: null: well. */
export interface Failure {
  readonly code: string;
  readonly message: string;
}

/** What a page of the test can be asked for. Everything has a number that the asker gives. */
export interface RemoteTab {
  readonly has: { readonly locks: boolean; readonly tabs: boolean };
  request(id: number, name: string, steal: boolean): Promise<Failure | null>;
  abort(id: number): void;
  openChannel(id: number, name: string): void;
  post(id: number, message: unknown): void;
  closeChannel(id: number): void;
}

/** What the page tells its asker. */
export interface RemoteEars {
  /** Resolves with the end of the callback. */
  granted(id: number): Promise<string | null>;
  heard(id: number, message: unknown): void;
  ended(id: number): void;
}

const failureOf = (error: Error & { code?: unknown }): Failure => ({
  code: String(error.code),
  message: error.message,
});

/** Makes this page answer as `remoteTab`. */
export function installRemoteTab(): void {
  const page = globalThis as unknown as RemoteEars & { remoteTab: RemoteTab };
  const { locks, tabs } = createEnvironment();
  const aborts = new Map<number, AbortController>();
  const channels = new Map<number, TabChannel>();

  page.remoteTab = {
    has: { locks: locks !== null, tabs: tabs !== null },
    async request(id, name, steal) {
      const abort = new AbortController();
      aborts.set(id, abort);
      try {
        await locks?.request(name, { signal: abort.signal, steal }, async () => {
          const failure = await page.granted(id);
          if (failure !== null) throw new Error(failure);
        });
        return null;
      } catch (error) {
        return failureOf(error as Error);
      }
    },
    abort: (id) => aborts.get(id)?.abort(),
    openChannel(id, name) {
      const channel = tabs?.open(name);
      if (channel === undefined) throw new Error('No channels here.');
      channels.set(id, channel);
      channel.messages$.subscribe({ next: (message) => page.heard(id, message), complete: () => page.ended(id) });
    },
    post: (id, message) => channels.get(id)?.post(message),
    closeChannel: (id) => channels.get(id)?.close(),
  };
}
