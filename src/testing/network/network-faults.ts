import type { Observable } from 'rxjs';

/** What goes wrong on a network. Shares are 0 to 1 of the calls or frames. */
export interface NetworkFaults {
  readonly requestsLost: number;
  /** Of the answers: the request took effect all the same. */
  readonly answersLost: number;
  /** Of the calls: they arrive twice. */
  readonly doubled: number;
  /** Of what is lost: the share that is met with silence instead of an error. */
  readonly silent: number;
  /** Each way takes up to this long, so that calls overtake each other. */
  readonly maxDelayMs: number;
  /** Of the frames of a socket: they do not arrive, and the next that does is preceded by a `poke`. */
  readonly framesLost: number;
  readonly framesDoubled: number;
}

/** Nothing goes wrong. */
export const noNetworkFaults: NetworkFaults = {
  requestsLost: 0,
  answersLost: 0,
  doubled: 0,
  silent: 0,
  maxDelayMs: 40,
  framesLost: 0,
  framesDoubled: 0,
};

/** Hears what happens on a network. */
export interface NetworkLog {
  note(text: string): void;
  /** A fault that really happened. */
  fault(kind: string, text: string): void;
}

/** Hears and says nothing. */
export const silentLog: NetworkLog = { note: () => undefined, fault: () => undefined };

/** Who uses a network. What the network tells it passes through `deliver`, so that a simulated process can be frozen or killed. */
export interface NetworkEnd {
  readonly name: string;
  readonly isAlive: boolean;
  deliver(tell: () => void): void;
  watch<T>(source$: Observable<T>): Observable<T>;
}

/** An end that lives for ever and hears everything at once. */
export const openEnd: NetworkEnd = {
  name: 'client',
  isAlive: true,
  deliver: (tell) => tell(),
  watch: (source$) => source$,
};
