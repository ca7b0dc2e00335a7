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

/** The current value first, then what `observe` tells, where it differs from what was told before. */
export function valueStream<T>(
  engine: Pick<Engine, 'start' | 'whenClosed'>,
  read: () => T,
  observe: (tell: (value: T) => void) => TeardownLogic,
): Observable<T> {
  return serviceStream<T>(engine, (subscriber) => {
    let told = read();
    const end = observe((value) => {
      if (value === told) return;
      told = value;
      subscriber.next(value);
    });
    subscriber.next(told);
    return end;
  });
}
