import type { Browser, Page } from 'playwright-core';
import { Subject } from 'rxjs';
import { SyncError, type SyncErrorCode } from '../../src/core/errors.ts';
import type { MortalTab, TabOrigin } from '../contracts/tab-origin.ts';
import { bundle } from '../support/bundle.ts';
import type { Failure, RemoteTab } from './remote-tab.ts';

/** A page whose locks and channels are reached from here. */
export interface PageTab extends MortalTab {
  readonly page: Page;
  readonly has: RemoteTab['has'];
}

interface PageOriginOptions {
  readonly browser: Browser;
  /** Default: one that counts as secure. */
  readonly url?: string;
  /** Runs in each page before all else. */
  readonly before?: string;
}

let calls = 0;
let remote: Promise<string> | undefined;

/** Real pages of one origin in a browser profile of their own. */
export async function createPageOrigin({
  browser,
  url = 'http://localhost/',
  before = '',
}: PageOriginOptions): Promise<TabOrigin<PageTab>> {
  const script = await (remote ??= bundle(
    `import { installRemoteTab } from './test/browser/remote-tab.ts';
    installRemoteTab();`,
    'browser',
  ));
  const context = await browser.newContext();
  await context.route(`${url}**`, (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }));
  await context.addInitScript(before);
  const told: Promise<unknown>[] = [];
  return {
    async open() {
      const page = await context.newPage();
      const callbacks = new Map<number, () => Promise<void>>();
      const channels = new Map<number, Subject<unknown>>();
      await page.exposeFunction('granted', (id: number) =>
        callbacks
          .get(id)?.()
          .then(
            () => null,
            (error: Error) => error.message,
          ),
      );
      await page.exposeFunction('heard', (id: number, message: unknown) => channels.get(id)?.next(message));
      await page.exposeFunction('ended', (id: number) => channels.get(id)?.complete());
      await page.goto(url);
      await page.addScriptTag({ content: script });
      const tell = (text: string): number => told.push(call(text));
      const call = <T>(text: string): Promise<T> => page.evaluate<T>(`remoteTab.${text}`);
      return {
        page,
        has: await call<RemoteTab['has']>('has'),
        locks: {
          async request(name, { signal, steal }, callback) {
            calls += 1;
            const id = calls;
            if (signal.aborted) throw new SyncError('aborted', 'Not asked.');
            signal.addEventListener('abort', () => tell(`abort(${id})`));
            callbacks.set(id, callback);
            const failure = await call<Failure | null>(`request(${id}, ${JSON.stringify(name)}, ${steal === true})`);
            if (failure !== null) throw toError(failure);
          },
        },
        async openChannel(name) {
          calls += 1;
          const id = calls;
          const messages$ = new Subject<unknown>();
          channels.set(id, messages$);
          await call(`openChannel(${id}, ${JSON.stringify(name)})`);
          return {
            post: (message) => void tell(`post(${id}, ${JSON.stringify(message)})`),
            messages$: messages$.asObservable(),
            close: () => void tell(`closeChannel(${id})`),
          };
        },
        async lose(how) {
          await Promise.all(told);
          if (how === 'closed') return page.close();
          const crashed = page.waitForEvent('crash');
          const session = await context.newCDPSession(page);
          session.send('Page.crash').catch(() => undefined);
          await crashed;
        },
      };
    },
    async end() {
      await Promise.all(told);
      await context.close();
    },
  };
}

function toError({ code, message }: Failure): Error {
  return code === 'undefined' ? new Error(message) : new SyncError(code as SyncErrorCode, message);
}
