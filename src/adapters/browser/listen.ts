import { Observable } from 'rxjs';

/** Events of a target that may not be there, or may not be one. Listens while it is subscribed to. */
export function listenTo<E extends Event>(target: () => unknown, ...types: readonly string[]): Observable<E> {
  return new Observable((subscriber) => {
    const found = target();
    if (!isEventTarget(found)) return undefined;
    const listener = (event: Event): void => subscriber.next(event as E);
    for (const type of types) found.addEventListener(type, listener);
    return () => {
      for (const type of types) found.removeEventListener(type, listener);
    };
  });
}

function isEventTarget(value: unknown): value is EventTarget {
  return typeof value === 'object' && value !== null && 'addEventListener' in value && 'removeEventListener' in value;
}
