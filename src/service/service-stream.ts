import { Observable, type Subscriber, type TeardownLogic } from 'rxjs';
import type { Engine } from './engine.ts';

/** A stream of the service: subscribing starts the service, and closing the service completes the stream. */
export function serviceStream<T>(
  engine: Pick<Engine, 'start' | 'whenClosed'>,
  attach: (subscriber: Subscriber<T>) => TeardownLogic,
): Observable<T> {
  return new Observable<T>((subscriber) => {
    engine.start();
    subscriber.add(attach(subscriber));
    subscriber.add(engine.whenClosed(() => subscriber.complete()));
  });
}
