import { expect, test, vi } from 'vitest';
import { createEnvironment } from '../../src/adapters/browser/environment.ts';
import type { PageSignal } from '../../src/ports/environment.ts';

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
