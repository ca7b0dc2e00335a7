import { Observable } from 'rxjs';

/**
 * What events of a target say, by their type; null: nothing. The target may not be there, or may not be one. Listens while it
 * is subscribed to.
 */
export function listenTo<T>(
  target: () => unknown,
  readers: Readonly<Record<string, (event: Event) => T | null>>,
): Observable<T> {
  return new Observable((subscriber) => {
    const found = target();
    if (!isEventTarget(found)) return undefined;
    const listener = (event: Event): void => {
      const read = readers[event.type]?.(event) ?? null;
      if (read !== null) subscriber.next(read);
    };
    for (const type of Object.keys(readers)) found.addEventListener(type, listener);
    return () => {
      for (const type of Object.keys(readers)) found.removeEventListener(type, listener);
    };
  });
}

function isEventTarget(value: unknown): value is EventTarget {
  return typeof value === 'object' && value !== null && 'addEventListener' in value && 'removeEventListener' in value;
}
