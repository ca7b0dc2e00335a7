import { Subscription } from 'rxjs';
import { afterEach, expect, test, vi } from 'vitest';
import { createEnvironment } from '../../src/adapters/browser/environment.ts';
import { createVirtualClock } from '../../src/testing/virtual-clock.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test('S44 without a browser everything is there and silent', () => {
  const { clock, random, network, locks, tabs, page$ } = createEnvironment();
  expect({ onLine: network.onLine, locks, tabs }).toEqual({ onLine: true, locks: null, tabs: null });
  expect(random()).toBeGreaterThanOrEqual(0);
  expect(random()).toBeLessThan(1);
  expect(Math.abs(clock.now() - Date.now())).toBeLessThan(60_000);
  const subscription = new Subscription();
  subscription.add(network.changes$.subscribe(() => expect.unreachable()));
  subscription.add(page$.subscribe(() => expect.unreachable()));
  subscription.unsubscribe();
});

test('what is given is used, null included', () => {
  const clock = createVirtualClock();
  const random = (): number => 0.5;
  const given = createEnvironment({ clock, random, locks: null, tabs: null });
  expect([given.clock, given.random, given.locks, given.tabs]).toEqual([clock, random, null, null]);
});

test('S26 the network signals follow the platform while somebody listens', () => {
  const target = new EventTarget();
  const listeners = new Set<string>();
  vi.stubGlobal('addEventListener', (type: string, listener: EventListener) => {
    listeners.add(type);
    target.addEventListener(type, listener);
  });
  vi.stubGlobal('removeEventListener', (type: string, listener: EventListener) => {
    listeners.delete(type);
    target.removeEventListener(type, listener);
  });
  vi.stubGlobal('navigator', { onLine: false });
  const { network } = createEnvironment();
  expect({ onLine: network.onLine, listeners: listeners.size }).toEqual({ onLine: false, listeners: 0 });
  const heard: boolean[] = [];
  const subscription = network.changes$.subscribe((onLine) => heard.push(onLine));
  target.dispatchEvent(new Event('online'));
  target.dispatchEvent(new Event('offline'));
  subscription.unsubscribe();
  target.dispatchEvent(new Event('online'));
  expect({ heard, listeners: listeners.size }).toEqual({ heard: [true, false], listeners: 0 });
});

test('a delay of more than 24 days fires when it is due, and can be cleared at any time', () => {
  vi.useFakeTimers();
  const { clock } = createEnvironment();
  const longMs = 2 ** 31 * 3 + 17;
  const fired: string[] = [];
  clock.setTimeout(() => fired.push('long'), longMs);
  const cleared = clock.setTimeout(() => fired.push('cleared'), longMs);
  vi.advanceTimersByTime(2 ** 31 * 2);
  clock.clearTimeout(cleared);
  clock.clearTimeout(undefined);
  vi.advanceTimersByTime(2 ** 31 + 16);
  expect(fired).toEqual([]);
  vi.advanceTimersByTime(1);
  expect({ fired, pending: vi.getTimerCount() }).toEqual({ fired: ['long'], pending: 0 });
});

test('S44 the locks and channels that Node has are between its threads, and left alone', () => {
  const request = vi.fn();
  vi.stubGlobal('navigator', { onLine: true, locks: { request } });
  const { locks, tabs } = createEnvironment();
  expect(typeof globalThis.BroadcastChannel).toBe('function');
  expect({ locks, tabs }).toEqual({ locks: null, tabs: null });
});
