import { expect, test } from 'vitest';
import { createActor, fromPromise } from 'xstate';
import { sessionMachine, type CatchUpResult, type SessionEvent } from '../../machines/session.machine.ts';
import { createVirtualClock, settle } from '../support/virtual-clock.ts';

type State = 'awaitingHello' | 'sending.upToDate' | 'sending.behind' | 'lagging' | 'live' | 'closing' | 'ended';
type Stimulus =
  | Exclude<SessionEvent['type'], 'session.end'>
  | 'session.end'
  | 'sendMissed reached'
  | 'sendMissed lagging'
  | 'sendMissed failed'
  | 'after 5 s'
  | 'after 30 s';

/** The state after, and what was asked of the socket meanwhile. `-`: nothing happens. */
type Expected = '-' | State | `${State}, ${string}`;

const nothing = {
  'session.admitted': '-',
  'feed.grew': '-',
  'channel.added': '-',
  'socket.drained': '-',
  'sendMissed reached': '-',
  'sendMissed lagging': '-',
  'sendMissed failed': '-',
  'after 5 s': '-',
  'after 30 s': '-',
} as const satisfies Partial<Record<Stimulus, Expected>>;

const open = { 'socket.closed': 'ended', 'session.end': 'closing, close 4401' } as const;

const table: Record<State, Record<Stimulus, Expected>> = {
  awaitingHello: {
    ...nothing,
    ...open,
    'session.admitted': 'sending.upToDate',
    'after 5 s': 'closing, close 4408',
    'after 30 s': 'closing, close 4408, cut off',
  },
  'sending.upToDate': {
    ...nothing,
    ...open,
    'feed.grew': 'sending.behind',
    'channel.added': 'sending.behind',
    'sendMissed reached': 'live',
    'sendMissed lagging': 'lagging',
    'sendMissed failed': 'closing, close 1013',
  },
  'sending.behind': {
    ...nothing,
    ...open,
    'sendMissed reached': 'sending.upToDate',
    'sendMissed lagging': 'lagging',
    'sendMissed failed': 'closing, close 1013',
  },
  lagging: {
    ...nothing,
    ...open,
    'socket.drained': 'sending.upToDate',
    'after 30 s': 'closing, close null',
  },
  live: {
    ...nothing,
    ...open,
    'feed.grew': 'sending.upToDate',
    'channel.added': 'sending.upToDate',
  },
  closing: {
    ...nothing,
    'socket.closed': 'ended',
    'session.end': '-',
    'after 5 s': 'closing, cut off',
    'after 30 s': 'closing, cut off',
  },
  ended: { ...nothing, 'socket.closed': '-', 'session.end': '-' },
};

const ways: Record<State, readonly Stimulus[]> = {
  awaitingHello: [],
  'sending.upToDate': ['session.admitted'],
  'sending.behind': ['session.admitted', 'feed.grew'],
  lagging: ['session.admitted', 'sendMissed lagging'],
  live: ['session.admitted', 'sendMissed reached'],
  closing: ['session.admitted', 'session.end'],
  ended: ['socket.closed'],
};

async function start() {
  const clock = createVirtualClock();
  const asked: string[] = [];
  let settleSend: ((outcome: CatchUpResult | Error) => void) | null = null;
  const machine = sessionMachine.provide({
    actors: {
      sendMissed: fromPromise(
        () =>
          new Promise<CatchUpResult>((resolve, reject) => {
            settleSend = (outcome) => (outcome instanceof Error ? reject(outcome) : resolve(outcome));
          }),
      ),
    },
    actions: {
      closeSocket: (_, code) => asked.push(`close ${code}`),
      cutOffSocket: () => asked.push('cut off'),
    },
  });
  const actor = createActor(machine, { clock });
  actor.start();

  const give = async (stimulus: Stimulus): Promise<void> => {
    if (stimulus === 'after 5 s') await clock.advance(5000);
    else if (stimulus === 'after 30 s') await clock.advance(30_000);
    else if (stimulus === 'sendMissed failed') settleSend?.(new Error('no'));
    else if (stimulus === 'sendMissed reached') settleSend?.('reached');
    else if (stimulus === 'sendMissed lagging') settleSend?.('lagging');
    else if (actor.getSnapshot().status === 'active') {
      actor.send(stimulus === 'session.end' ? { type: 'session.end', code: 4401 } : { type: stimulus });
    }
    await settle();
  };
  const state = (): State => {
    const { value } = actor.getSnapshot();
    if (typeof value === 'string') return value as State;
    const inner = value['catchingUp'];
    return typeof inner === 'object' ? (`sending.${String(inner['sending'])}` as State) : 'lagging';
  };
  return { give, state, asked, clock, actor };
}

const cells = Object.entries(table).flatMap(([state, row]) =>
  Object.entries(row).map(([stimulus, expected]) => ({
    state: state as State,
    stimulus: stimulus as Stimulus,
    expected,
  })),
);

test.each(cells)('$state on "$stimulus": $expected', async ({ state, stimulus, expected }) => {
  const session = await start();
  for (const each of ways[state]) await session.give(each);
  expect(session.state()).toBe(state);
  session.asked.length = 0;
  await session.give(stimulus);
  const outcome = [session.state(), ...session.asked].join(', ');
  expect(outcome).toBe(expected === '-' ? state : expected);
});

test('an ended session leaves no timer', async () => {
  for (const way of Object.values(ways)) {
    const session = await start();
    for (const each of way) await session.give(each);
    await session.give('socket.closed');
    expect([session.actor.getSnapshot().status, session.clock.pending()]).toEqual(['done', 0]);
  }
});

test('news that come while sending are sent next, however many there were', async () => {
  const session = await start();
  await session.give('session.admitted');
  for (let n = 0; n < 5; n += 1) await session.give('feed.grew');
  await session.give('sendMissed reached');
  expect(session.state()).toBe('sending.upToDate');
  await session.give('sendMissed reached');
  expect(session.state()).toBe('live');
});
