import {
  concat,
  concatMap,
  delay,
  finalize,
  map,
  mergeMap,
  Observable,
  of,
  share,
  take,
  throwError,
  type OperatorFunction,
} from 'rxjs';
import { describe, expect, test } from 'vitest';
import { UnauthorizedError } from '../../src/core/errors.ts';
import type { MemoryBackend } from '../../src/testing/backend/memory-backend.ts';
import type { RealTimeMessage, RealTimeTransport } from '../../src/ports/real-time.ts';
import { createTransportBench } from '../../src/testing/transport/bench.ts';
import { transportRules } from '../../src/testing/transport/conformance.ts';
import { judge } from './broken-rules.ts';
import { createGoodBackend } from './faulty-api-clients.ts';

interface PlantedFault {
  readonly fault: string;
  readonly rules: readonly string[];
  readonly plant: (good: RealTimeTransport) => RealTimeTransport;
}

const each =
  (operator: () => OperatorFunction<RealTimeMessage, RealTimeMessage>): PlantedFault['plant'] =>
  (good) => ({ connect: (session) => good.connect(session).pipe(operator()) });

const mapChange = (change: (message: Extract<RealTimeMessage, { type: 'change' }>) => RealTimeMessage) =>
  each(() => map((message) => (message.type === 'change' ? change(message) : message)));

const drop = (isDropped: (message: RealTimeMessage) => boolean): PlantedFault['plant'] =>
  each(
    () => (source$) =>
      new Observable((subscriber) =>
        source$.subscribe({
          next: (message) => !isDropped(message) && subscriber.next(message),
          error: (error) => subscriber.error(error),
        }),
      ),
  );

const plantedFaults: readonly PlantedFault[] = [
  {
    fault: 'open comes with each change',
    rules: ['open-first'],
    plant: each(() =>
      concatMap((message) => (message.type === 'change' ? [{ type: 'open' as const }, message] : [message])),
    ),
  },
  {
    fault: 'open comes after what was missed',
    rules: ['open-first'],
    plant: each(() => mergeMap((message) => (message.type === 'open' ? of(message).pipe(delay(20)) : of(message)))),
  },
  {
    fault: 'changes are told without their version',
    rules: ['change-told'],
    plant: mapChange(({ change }) => {
      const { version: _, ...record } = change.record;
      return { type: 'change', change: { ...change, record } };
    }),
  },
  {
    fault: 'deletions are not told',
    rules: ['deletion-told'],
    plant: drop((message) => message.type === 'change' && message.change.record.entity === null),
  },
  {
    fault: 'every other change waits for the next',
    rules: ['changes-in-order'],
    plant: (good) => ({
      connect: (session) =>
        new Observable((subscriber) => {
          let held: RealTimeMessage | null = null;
          const next = (message: RealTimeMessage): void => {
            const isHeld = message.type === 'change' && message.change.record.version === 2;
            if (isHeld) held = message;
            else subscriber.next(message);
            if (isHeld || held === null) return;
            subscriber.next(held);
            held = null;
          };
          return good.connect(session).subscribe({ next, error: (error) => subscriber.error(error) });
        }),
    }),
  },
  {
    fault: 'cursors are ignored',
    rules: ['missed-told'],
    plant: (good) => ({
      connect: (session) => {
        const withoutCursors = map((channels: readonly { readonly channel: string }[]) =>
          channels.map(({ channel }) => ({ channel, cursor: null })),
        );
        return good.connect({ ...session, channels$: session.channels$.pipe(withoutCursors) });
      },
    }),
  },
  {
    fault: 'changes name the client that hears them',
    rules: ['key-told'],
    plant: mapChange(({ change }) => ({ type: 'change', change: { ...change, clientId: 'listener' } })),
  },
  {
    fault: 'the cursor of a change is the one before it',
    rules: ['cursor-leads-on'],
    plant: mapChange(({ change }) => ({
      type: 'change',
      change: { ...change, cursor: `${Number(change.cursor) - 1}` },
    })),
  },
  {
    fault: 'the epoch is that of the connection',
    rules: ['epoch-told'],
    plant: each(() => map((message) => (message.type === 'open' ? { type: 'open', epoch: 'mine' } : message))),
  },
  {
    fault: 'everything is told to everyone',
    rules: ['channel-removed', 'channels-apart', 'entity-channel'],
    plant: (good) => ({
      connect: (session) =>
        good.connect({ ...session, channels$: of(['notes', 'tasks'].map((channel) => ({ channel, cursor: null }))) }),
    }),
  },
  {
    fault: 'the channel of an entity is that of its collection',
    rules: ['entity-channel'],
    plant: (good) => ({
      connect: (session) => {
        const widened = map((channels: readonly { readonly channel: string; readonly cursor: string | null }[]) =>
          channels.map(({ channel, cursor }) => ({ channel: channel.replace(/\/.*/, ''), cursor })),
        );
        return good.connect({ ...session, channels$: session.channels$.pipe(widened) });
      },
    }),
  },
  {
    fault: 'channels are asked for once',
    rules: ['channel-added', 'channel-removed'],
    plant: (good) => ({
      connect: (session) => good.connect({ ...session, channels$: session.channels$.pipe(take(1)) }),
    }),
  },
  {
    fault: 'the first who leaves closes the connection of all',
    rules: ['subscriptions-apart'],
    plant: (good) => {
      const ends = new Set<() => void>();
      return {
        connect: (session) =>
          new Observable((subscriber) => {
            const subscription = good.connect(session).subscribe(subscriber);
            ends.add(() => subscription.unsubscribe());
            return () => {
              for (const end of ends) end();
            };
          }),
      };
    },
  },
  {
    fault: 'connect connects',
    rules: ['connects-when-subscribed'],
    plant: (good) => ({
      connect(session) {
        const messages$ = good.connect(session).pipe(share());
        messages$.subscribe({ error: () => undefined });
        return good.connect(session);
      },
    }),
  },
  {
    fault: 'the connection stays when nobody listens',
    rules: ['closes-when-unsubscribed'],
    plant: (good) => ({
      connect: (session) =>
        new Observable((subscriber) => {
          good.connect(session).subscribe({
            next: (message) => subscriber.next(message),
            error: (error) => subscriber.error(error),
          });
        }),
    }),
  },
  {
    fault: 'a lost connection is over, without a word',
    rules: ['lost-is-an-error'],
    plant: (good) => ({
      connect: (session) =>
        new Observable((subscriber) =>
          good
            .connect(session)
            .subscribe({ next: (message) => subscriber.next(message), error: () => subscriber.complete() }),
        ),
    }),
  },
  {
    fault: 'a lost connection ends with any error',
    rules: ['lost-is-an-error'],
    plant: (good) => ({
      connect: (session) =>
        new Observable((subscriber) =>
          good.connect(session).subscribe({
            next: (message) => subscriber.next(message),
            error: () => subscriber.error(new Error('1006')),
          }),
        ),
    }),
  },
];

const refusing = (): RealTimeTransport => ({
  connect: () => throwError(() => new UnauthorizedError()),
});

function openWith(
  plant: PlantedFault['plant'],
  unauthorized: (backend: MemoryBackend) => RealTimeTransport = refusing,
  timeoutMs = 10_000,
) {
  return async () => {
    const backend = createGoodBackend();
    let open = 0;
    const counted: RealTimeTransport = {
      connect: (session) =>
        new Observable((subscriber) => {
          open += 1;
          return backend.apiClient
            .realTime!.connect(session)
            .pipe(finalize(() => (open -= 1)))
            .subscribe(subscriber);
        }),
    };
    const bench = createTransportBench(
      {
        transport: plant(counted),
        client: backend.apiClient,
        cut: () => backend.drop(),
        openConnections: () => open,
        unauthorized: unauthorized(backend),
      },
      { timeoutMs },
    );
    return { bench, close: async () => bench.end() };
  };
}

describe('rules for a transport', () => {
  test('G24 a good transport breaks none', async () => {
    const { messages, skipped } = await judge(
      transportRules,
      openWith((good) => good),
    );
    expect({ broken: [...messages], skipped }).toEqual({ broken: [], skipped: [] });
  });

  test.each(plantedFaults)('G24 are broken where $fault', async ({ rules, plant }) => {
    expect((await judge(transportRules, openWith(plant, refusing, 500))).broken).toEqual(
      expect.arrayContaining([...rules]),
    );
  });

  test('S26 a transport that opens before it has looked at the token is found', async () => {
    const hasty = ({ apiClient }: MemoryBackend): RealTimeTransport => ({
      connect: (session) => concat(apiClient.realTime!.connect(session).pipe(take(1)), refusing().connect(session)),
    });
    const { broken } = await judge(
      transportRules,
      openWith((good) => good, hasty),
    );
    expect(broken).toEqual(['unauthorized-is-told']);
  });

  test('G24 each is broken by a planted fault', () => {
    const caught = new Set([...plantedFaults.flatMap(({ rules }) => rules), 'unauthorized-is-told']);
    expect([...caught].toSorted()).toEqual(transportRules.map(({ id }) => id).toSorted());
  });
});
