import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LockPort } from '../../src/ports/environment.ts';
import { createGate } from '../support/gate.ts';
import type { MortalTab, OpenTab, TabOrigin } from './tab-origin.ts';

/** A request for a lock whose callback ends when the test says so. */
interface Request {
  readonly granted: Promise<void>;
  /** How the request ended: `done`, a code of SyncError, or a message. */
  readonly ended: Promise<string>;
  release(error?: Error): void;
  abort(): void;
}

function ask(locks: LockPort, name: string, log: string[], label = name, options: { steal?: boolean } = {}): Request {
  const abort = new AbortController();
  const [granted, released] = [createGate(), createGate()];
  const request = locks.request(name, { signal: abort.signal, ...options }, async () => {
    log.push(`${label} granted`);
    granted.open();
    await released.opened;
    log.push(`${label} released`);
  });
  return {
    granted: granted.opened,
    ended: request.then(
      () => 'done',
      (error: Error & { code?: string }) => error.code ?? error.message,
    ),
    release: (error) => (error ? released.fail(error) : released.open()),
    abort: () => abort.abort(),
  };
}

/** Resolves when the platform has seen everything that was asked through `locks` before. */
async function pass(locks: LockPort): Promise<void> {
  await locks.request('sentinel', { signal: new AbortController().signal }, async () => undefined);
}

/** The contract of {@link LockPort}, as tests. `makeOrigin` gives an origin whose locks nobody holds. */
export function describeLocks(name: string, makeOrigin: () => TabOrigin | Promise<TabOrigin>): void {
  describe(`lock contract: ${name}`, () => {
    let origin: TabOrigin;
    let here: LockPort;
    let there: LockPort;
    let log: string[];
    beforeEach(async () => {
      origin = await makeOrigin();
      [here, there] = [(await origin.open()).locks, (await origin.open()).locks];
      log = [];
    });
    afterEach(() => origin.end());

    test('G18 a lock is held until the callback has settled, and by one at a time', async () => {
      const first = ask(here, 'lock', log, 'first');
      await first.granted;
      const second = ask(there, 'lock', log, 'second');
      await pass(there);
      expect(log).toEqual(['first granted']);
      first.release();
      await second.granted;
      second.release();
      expect([await first.ended, await second.ended]).toEqual(['done', 'done']);
      expect(log).toEqual(['first granted', 'first released', 'second granted', 'second released']);
    });

    test('G18 locks are granted in the order of asking, after the caller has finished', async () => {
      const requests = ['one', 'two', 'three'].map((label) => ask(here, 'lock', log, label));
      expect(log).toEqual([]);
      for (const request of requests) {
        await request.granted;
        request.release();
      }
      await Promise.all(requests.map(({ ended }) => ended));
      expect(log.filter((line) => line.endsWith('granted'))).toEqual(['one granted', 'two granted', 'three granted']);
    });

    test('G18 locks of other names are other locks', async () => {
      const [one, two] = [ask(here, 'one', log), ask(there, 'two', log)];
      await Promise.all([one.granted, two.granted]);
      one.release();
      two.release();
      expect([await one.ended, await two.ended]).toEqual(['done', 'done']);
    });

    test('G18 a request fails as its callback does, and the next is granted', async () => {
      const [first, second] = [ask(here, 'lock', log, 'first'), ask(here, 'lock', log, 'second')];
      await first.granted;
      first.release(new Error('failed inside'));
      expect(await first.ended).toContain('failed inside');
      await second.granted;
      second.release();
      expect(await second.ended).toBe('done');
    });

    test('G18 a request that is aborted while it waits is never granted', async () => {
      const first = ask(here, 'lock', log, 'first');
      await first.granted;
      const [second, third] = [ask(there, 'lock', log, 'second'), ask(there, 'lock', log, 'third')];
      await pass(there);
      second.abort();
      expect(await second.ended).toBe('aborted');
      first.release();
      await third.granted;
      third.release();
      await third.ended;
      expect(log).toEqual(['first granted', 'first released', 'third granted', 'third released']);
    });

    test('G18 a signal that is aborted already is refused, also with steal', async () => {
      const options = { signal: AbortSignal.abort() };
      const refused = [here.request('lock', options, async () => expect.unreachable())];
      refused.push(here.request('lock', { ...options, steal: true }, async () => expect.unreachable()));
      for (const request of refused) await expect(request).rejects.toMatchObject({ code: 'aborted' });
    });

    test('G18 a signal that aborts while the lock is held does nothing', async () => {
      const [first, second] = [ask(here, 'lock', log, 'first'), ask(here, 'lock', log, 'second')];
      await first.granted;
      first.abort();
      await pass(here);
      expect(log).toEqual(['first granted']);
      first.release();
      expect(await first.ended).toBe('done');
      await second.granted;
      second.release();
      await second.ended;
    });

    test('G18 a lock that is stolen is lost at once, and given back only by the thief', async () => {
      const first = ask(here, 'lock', log, 'first');
      await first.granted;
      const waiting = ask(here, 'lock', log, 'waiting');
      await pass(here);
      const thief = ask(there, 'lock', log, 'thief', { steal: true });
      await thief.granted;
      expect(await first.ended).toBe('aborted');
      first.release();
      await pass(here);
      expect(log).toEqual(['first granted', 'thief granted', 'first released']);
      thief.release();
      await waiting.granted;
      waiting.release();
      expect([await thief.ended, await waiting.ended]).toEqual(['done', 'done']);
    });

    test('G18 a thief can be robbed, and stealing what nobody holds is asking', async () => {
      const first = ask(here, 'lock', log, 'first', { steal: true });
      await first.granted;
      const second = ask(there, 'lock', log, 'second', { steal: true });
      await second.granted;
      expect(await first.ended).toBe('aborted');
      second.release();
      expect(await second.ended).toBe('done');
      expect(log).toEqual(['first granted', 'second granted', 'second released']);
    });
  });
}

/** What becomes of the locks of a tab that is gone, as tests. */
export function describeLocksOfLostTabs(name: string, makeOrigin: () => Promise<TabOrigin<MortalTab>>): void {
  describe(`locks of lost tabs: ${name}`, () => {
    test.each(['closed', 'crashed'] as const)(
      'G18 a tab that is %s loses what it held and what it waited for',
      async (how) => {
        const origin = await makeOrigin();
        try {
          const [lost, other]: [MortalTab, OpenTab] = [await origin.open(), await origin.open()];
          const log: string[] = [];
          const [held, kept] = [ask(lost.locks, 'lock', log, 'lost'), ask(other.locks, 'other', log, 'kept')];
          await Promise.all([held.granted, kept.granted]);
          ask(lost.locks, 'other', log, 'lost waiting');
          await pass(lost.locks);
          const next = ask(other.locks, 'lock', log, 'next');
          const last = ask(other.locks, 'other', log, 'last');
          await pass(other.locks);
          log.length = 0;
          await lost.lose(how);
          await next.granted;
          kept.release();
          await last.granted;
          expect(log).toEqual(['next granted', 'kept released', 'last granted']);
          next.release();
          last.release();
          expect([await next.ended, await last.ended]).toEqual(['done', 'done']);
        } finally {
          await origin.end();
        }
      },
    );
  });
}
