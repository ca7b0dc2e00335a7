import { filter, map, Observable } from 'rxjs';
import type { PageSignal } from '../../ports/environment.ts';
import { listenTo } from './listen.ts';

const page = (): unknown => globalThis.document;
const view = (): unknown => (globalThis.document === undefined ? undefined : globalThis);

/**
 * The life of the page: `visible` also for focus, `resumed` also for a return from the back/forward cache. Silent where
 * there is no page.
 */
export function createPageSignals(): Observable<PageSignal> {
  const always = (signal: PageSignal) => map((): PageSignal => signal);
  const signals: readonly Observable<PageSignal>[] = [
    listenTo(page, 'visibilitychange').pipe(
      map((): PageSignal => (globalThis.document.visibilityState === 'hidden' ? 'hidden' : 'visible')),
    ),
    listenTo(page, 'freeze').pipe(always('frozen')),
    listenTo(page, 'resume').pipe(always('resumed')),
    listenTo(view, 'focus').pipe(always('visible')),
    listenTo(view, 'pagehide').pipe(always('leaving')),
    listenTo<PageTransitionEvent>(view, 'pageshow').pipe(
      filter(({ persisted }) => persisted),
      always('resumed'),
    ),
  ];
  return new Observable((subscriber) => {
    for (const signal$ of signals) subscriber.add(signal$.subscribe((signal) => subscriber.next(signal)));
  });
}
