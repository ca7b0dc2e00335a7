import { firstValueFrom, take, toArray } from 'rxjs';
import { expect, test, vi } from 'vitest';
import { createEnvironment } from '../../src/adapters/browser/environment.ts';
import { createStorageTabs } from '../../src/adapters/browser/storage-tabs.ts';
import type { PageSignal, TabChannelPort } from '../../src/ports/environment.ts';

const never = new AbortController().signal;

test('the network is what the browser says', () => {
  const { network } = createEnvironment();
  const heard: boolean[] = [];
  const subscription = network.changes$.subscribe((onLine) => heard.push(onLine));
  window.dispatchEvent(new Event('offline'));
  window.dispatchEvent(new Event('online'));
  subscription.unsubscribe();
  window.dispatchEvent(new Event('offline'));
  expect({ onLine: network.onLine, heard }).toEqual({ onLine: true, heard: [false, true] });
});

test('the life of the page', () => {
  const { page$ } = createEnvironment();
  const heard: PageSignal[] = [];
  const subscription = page$.subscribe((signal) => heard.push(signal));
  const visibility = vi.spyOn(document, 'visibilityState', 'get');
  visibility.mockReturnValue('hidden');
  document.dispatchEvent(new Event('visibilitychange'));
  document.dispatchEvent(new Event('freeze'));
  document.dispatchEvent(new Event('resume'));
  visibility.mockReturnValue('visible');
  document.dispatchEvent(new Event('visibilitychange'));
  visibility.mockRestore();
  window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: false }));
  window.dispatchEvent(new Event('focus'));
  window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
  window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
  subscription.unsubscribe();
  window.dispatchEvent(new Event('focus'));
  expect(heard).toEqual(['hidden', 'frozen', 'resumed', 'visible', 'visible', 'leaving', 'resumed']);
});

test('a lock is held until its callback settles, waited for, and given up by its signal', async () => {
  const { locks } = createEnvironment();
  let release = (): void => undefined;
  const told: string[] = [];
  const granted = new Promise<void>((resolve) => {
    void locks!.request('lock-a', { signal: never }, () => {
      told.push('first');
      resolve();
      return new Promise((done) => (release = done));
    });
  });
  await granted;
  const waiting = new AbortController();
  const given = locks!.request('lock-a', { signal: waiting.signal }, async () => expect.unreachable());
  waiting.abort();
  await expect(given).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
  const next = locks!.request('lock-a', { signal: never }, async () => void told.push('second'));
  release();
  await next;
  expect(told).toEqual(['first', 'second']);
});

test('a stolen lock rejects its old holder', async () => {
  const { locks } = createEnvironment();
  let lost: Promise<unknown> = Promise.resolve();
  await new Promise<void>((granted) => {
    const held = locks!.request('lock-b', { signal: never }, () => {
      granted();
      return new Promise(() => undefined);
    });
    lost = held.catch((error: unknown) => error);
  });
  const told: string[] = [];
  await locks!.request('lock-b', { signal: never, steal: true }, async () => void told.push('stolen'));
  expect(await lost).toMatchObject({ name: 'AbortError' });
  expect(told).toEqual(['stolen']);
});

test('a lock that is no longer wanted is not asked for', async () => {
  const { locks } = createEnvironment();
  const request = locks!.request('lock-c', { signal: AbortSignal.abort(), steal: true }, async () =>
    expect.unreachable(),
  );
  await expect(request).rejects.toMatchObject({ code: 'aborted' });
});

const channels: readonly (readonly [string, () => TabChannelPort])[] = [
  ['BroadcastChannel', () => createEnvironment().tabs!],
  ['storage events', () => createStorageTabs(() => Math.random())!],
];

test.each(channels)('tabs by %s hear each other, under one name, and not themselves', async (name, create) => {
  const [a, b, other] = [create().open(`x-${name}`), create().open(`x-${name}`), create().open(`y-${name}`)];
  const heard: unknown[] = [];
  a.messages$.subscribe((message) => heard.push(['a', message]));
  other.messages$.subscribe((message) => heard.push(['other', message]));
  const heardByB = firstValueFrom(b.messages$.pipe(take(2), toArray()));
  a.post({ text: 'one' });
  a.post(null);
  expect(await heardByB).toEqual([{ text: 'one' }, null]);
  expect(heard).toEqual([]);
  const answered = firstValueFrom(a.messages$);
  b.post('back');
  expect(await answered).toBe('back');
  for (const channel of [a, b, other]) channel.close();
  a.post('after the end');
  b.messages$.subscribe(() => expect.unreachable());
});

test('tabs by storage events reach another page, leave nothing behind, and ignore what is not theirs', async () => {
  const frame = document.createElement('iframe');
  document.body.append(frame);
  const channel = createStorageTabs(() => Math.random())!.open('pages');
  const heard: unknown[] = [];
  channel.messages$.subscribe((message) => heard.push(message));
  const foreign = frame.contentWindow!.localStorage;
  const key = 'syncline/tabs/pages';
  const reached = firstValueFrom(channel.messages$);
  foreign.setItem(key, 'no json');
  foreign.setItem(key, '[]');
  foreign.setItem(key, JSON.stringify({ from: 'another page', message: 'hello' }));
  foreign.removeItem(key);
  expect(await reached).toBe('hello');
  channel.post('mine');
  expect(heard).toEqual(['hello']);
  expect(Object.keys(localStorage).filter((name) => name.startsWith('syncline/tabs'))).toEqual([]);
  channel.close();
  frame.remove();
});
