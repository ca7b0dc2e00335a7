import { firstValueFrom } from 'rxjs';
import { afterEach, expect, test, vi } from 'vitest';
import { createBroadcastTabs } from '../../src/adapters/browser/broadcast-tabs.ts';
import { createEnvironment } from '../../src/adapters/browser/environment.ts';
import { createStorageTabs } from '../../src/adapters/browser/storage-tabs.ts';
import type { LockPort, TabChannelPort } from '../../src/ports/environment.ts';

const key = 'syncline/tabs/pages';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

function locksHere(): LockPort {
  const { locks } = createEnvironment();
  if (locks === null) throw new Error('No locks.');
  return locks;
}

const kinds: readonly (readonly [string, () => TabChannelPort | null])[] = [
  ['BroadcastChannel', createBroadcastTabs],
  ['storage events', createStorageTabs],
];

test('S44 a page has locks, and channels by BroadcastChannel, by storage events, or none', () => {
  const store = vi.spyOn(Storage.prototype, 'setItem');
  const postIn = (tabs: TabChannelPort | null): number | null => {
    const channel = tabs?.open('x');
    channel?.post('x');
    channel?.close();
    return tabs && store.mock.calls.length;
  };
  const { locks, tabs } = createEnvironment();
  expect([locks === null, postIn(tabs)]).toEqual([false, 0]);
  vi.stubGlobal('BroadcastChannel', undefined);
  expect(postIn(createEnvironment().tabs)).toBe(1);
  vi.spyOn(window, 'localStorage', 'get').mockImplementation(() => {
    throw new DOMException('Storage is off.', 'SecurityError');
  });
  expect(createEnvironment().tabs).toBeNull();
});

test('S44 a page that is not secure, and a browser without locks, has none', () => {
  vi.spyOn(navigator, 'locks', 'get').mockReturnValue(undefined as unknown as LockManager);
  expect(createEnvironment().locks).toBeNull();
  vi.restoreAllMocks();
  vi.spyOn(window, 'isSecureContext', 'get').mockReturnValue(false);
  expect(createEnvironment().locks).toBeNull();
});

test('G18 what the callback throws is what the request throws, also when it looks like a loss', async () => {
  const failure = new DOMException('The work was aborted.', 'AbortError');
  const { signal } = new AbortController();
  const fail = (): Promise<void> => {
    throw failure;
  };
  await expect(locksHere().request('fails', { signal }, fail)).rejects.toBe(failure);
});

test('G18 a request that is aborted before it is granted is not granted, with a reason of any kind', async () => {
  for (const steal of [false, true]) {
    const abort = new AbortController();
    const request = locksHere().request('unwanted', { signal: abort.signal, steal }, async () => expect.unreachable());
    abort.abort('no error at all');
    await expect(request).rejects.toMatchObject({ code: 'aborted', cause: 'no error at all' });
  }
});

test('G18 a lock that the platform refuses is unsupported', async () => {
  const { signal } = new AbortController();
  const refused = locksHere().request('-refused', { signal }, async () => expect.unreachable());
  await expect(refused).rejects.toMatchObject({ code: 'unsupported', cause: { name: 'NotSupportedError' } });
});

test.each(kinds)('G18 by %s: what is on its way to an end that closes is not heard', async (_, createTabs) => {
  const [a, b, witness] = [createTabs()!.open('x'), createTabs()!.open('x'), createTabs()!.open('x')];
  b.messages$.subscribe(() => expect.unreachable());
  const arrived = firstValueFrom(witness.messages$);
  a.post('on its way');
  b.close();
  expect(await arrived).toBe('on its way');
  a.close();
  witness.close();
});

test('G18 by storage events: another page is heard, what is none of ours is ignored, nothing is left behind', async () => {
  const frame = document.createElement('iframe');
  document.body.append(frame);
  const channel = createStorageTabs()!.open('pages');
  const heard: unknown[] = [];
  channel.messages$.subscribe((message) => heard.push(message));
  const reached = firstValueFrom(channel.messages$);
  const foreign = frame.contentWindow!.localStorage;
  foreign.setItem(key, 'no json');
  foreign.setItem(`${key}/other`, '"another channel"');
  foreign.removeItem(`${key}/other`);
  foreign.setItem(key, '"hello"');
  foreign.removeItem(key);
  expect(await reached).toBe('hello');
  channel.post('mine');
  expect(heard).toEqual(['hello']);
  expect(Object.keys(localStorage).filter((name) => name.startsWith('syncline/tabs'))).toEqual([]);
  channel.close();
  frame.remove();
});

test('G18 by storage events: without room on the disk, this page still hears', async () => {
  vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
    throw new DOMException('Full.', 'QuotaExceededError');
  });
  const [a, b] = [createStorageTabs()!.open('full'), createStorageTabs()!.open('full')];
  const arrived = firstValueFrom(b.messages$);
  a.post('small');
  expect(await arrived).toBe('small');
  a.close();
  b.close();
});

test('G18 a closed channel leaves nothing open in the page', () => {
  const [added, removed] = [vi.spyOn(window, 'addEventListener'), vi.spyOn(window, 'removeEventListener')];
  const closed = vi.spyOn(BroadcastChannel.prototype, 'close');
  for (const [, createTabs] of kinds) createTabs()!.open('x').close();
  const listened = added.mock.calls.map(([type, listener]) => [type, listener]);
  expect(listened.map(([type]) => type)).toEqual(['storage', 'syncline/tabs/x']);
  expect(removed.mock.calls.map(([type, listener]) => [type, listener])).toEqual(listened);
  expect(closed).toHaveBeenCalledTimes(1);
});
