import type { Answer } from './planned-api-client.ts';

/** The request takes effect and its answer is lost. */
export const loseAnswer: Answer = async (_, apply) => {
  await apply().catch(() => undefined);
  throw new Error('socket hang up');
};

/** The request does not arrive. */
export const loseRequest: Answer = async () => {
  throw new Error('connection refused');
};

/** Neither answered nor refused. */
export const neverAnswer: Answer = () => new Promise(() => undefined);

/** The request takes effect twice, as when a network repeats it; the second answer is given. */
export const doubleRequest: Answer = async (_, apply) => {
  await apply().catch(() => undefined);
  return apply();
};

/** Refused with the error before it takes effect. */
export function refuseWith(error: unknown): Answer {
  return async () => {
    throw error;
  };
}

/** Takes no effect and is answered with the value. */
export function answerWith(value: unknown): Answer {
  return () => value;
}
