import { Observable } from 'rxjs';
import type { PageSignal } from '../../ports/environment.ts';
import { listenTo } from './listen.ts';

const page = (): unknown => globalThis.document;
const view = (): unknown => (globalThis.document === undefined ? undefined : globalThis);

/**
 * The life of the page: `visible` also for focus, `resumed` also for a return from the back/forward cache. Silent where
 * there is no page.
 */
export function createPageSignals(): Observable<PageSignal> {
  const ofPage$ = listenTo<PageSignal>(page, {
    visibilitychange: () => (globalThis.document.visibilityState === 'hidden' ? 'hidden' : 'visible'),
    freeze: () => 'frozen',
    resume: () => 'resumed',
  });
  const ofView$ = listenTo<PageSignal>(view, {
    focus: () => 'visible',
    pagehide: () => 'leaving',
    pageshow: (event) => ((event as PageTransitionEvent).persisted ? 'resumed' : null),
  });
  return new Observable((subscriber) => {
    for (const signal$ of [ofPage$, ofView$]) subscriber.add(signal$.subscribe((signal) => subscriber.next(signal)));
  });
}
