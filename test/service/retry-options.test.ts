import { Observable } from 'rxjs';
import { expect, it } from 'vitest';
import { UnavailableError, type SyncOptions } from '../../src/index.ts';
import { loseRequest, refuseWith } from '../../src/testing/backend/answers.ts';
import { makeWorld } from '../support/make-world.ts';
import type { ServiceWorld } from '../support/service-world.ts';

const day = 86_400_000;
const refused = () => new UnavailableError({ status: 500 });

interface Attempts {
  readonly options?: SyncOptions;
  times(): readonly number[];
}

/** Each makes its kind of attempt fail for ever, and tells when it was made. */
const kinds: Readonly<Record<string, (world: ServiceWorld) => Attempts>> = {
  probes({ backend }) {
    backend.always('probe', loseRequest);
    return { times: () => timesOf(backend, 'probe') };
  },
  requests({ backend }) {
    backend.always('write', refuseWith(refused()));
    return { times: () => backend.writes().map(({ at }) => at) };
  },
  'pulls of the feed'({ backend }) {
    backend.always('changes', refuseWith(refused()));
    return { times: () => timesOf(backend, 'changes') };
  },
  sockets({ clock }) {
    const times: number[] = [];
    const connect = () =>
      new Observable<never>((subscriber) => {
        times.push(clock.now());
        subscriber.error(refused());
      });
    return { options: { realTime: { connect } }, times: () => times };
  },
};

function timesOf({ calls }: ServiceWorld['backend'], method: string): readonly number[] {
  return calls.filter((call) => call.method === method).map(({ at }) => at);
}

async function delaysOf(kind: string, retry: { baseMs: number; maxMs: number }): Promise<readonly number[]> {
  const world = makeWorld({ random: () => 0.999_999 });
  const { options, times } = kinds[kind]!(world);
  const sync = await world.open({ ...options, retry, pullIntervalMs: day });
  if (kind === 'sockets') sync.enableRealTime();
  sync.collection('tasks').put({ id: '1', n: 1 });
  await world.advance(10 * retry.maxMs);
  const at = times().slice(0, 7);
  return at.slice(1).map((time, index) => Math.round((time - at[index]!) / 10) * 10);
}

it.each(Object.keys(kinds))(
  'S26 the delays of %s follow `retry`: doubled from baseMs, never over maxMs',
  async (kind) => {
    expect(await delaysOf(kind, { baseMs: 100, maxMs: 800 })).toEqual([100, 200, 400, 800, 800, 800]);
    expect(await delaysOf(kind, { baseMs: 4_000, maxMs: 9_000 })).toEqual([4_000, 8_000, 9_000, 9_000, 9_000, 9_000]);
  },
);
