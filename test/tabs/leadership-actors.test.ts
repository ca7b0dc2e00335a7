import { expect, it } from 'vitest';
import { createActor } from 'xstate';
import { createElection } from '../../src/actors/election.ts';
import { createLeadershipActors } from '../../src/actors/leadership.actors.ts';
import { SyncError } from '../../src/core/errors.ts';
import { createVirtualClock, settle } from '../../src/testing/virtual-clock.ts';

it('S24 a take-over that fails after it was left is not tried again, and leaves no timer', async () => {
  const clock = createVirtualClock();
  const election = createElection({
    clock,
    random: () => 0.5,
    locks: null,
    name: 'lock',
    self: 'tab',
    ping: () => undefined,
  });
  let attempts = 0;
  let fail: (error: SyncError) => void = () => undefined;
  const { takeOver } = createLeadershipActors({
    clock,
    election,
    backOff: () => 500,
    leads: () => false,
    takeOver: () => new Promise((_, reject) => ((attempts += 1), (fail = reject))),
    stepDown: () => Promise.resolve(),
  });
  const actor = createActor(takeOver).start();
  actor.stop();
  fail(new SyncError('closed', 'The journal is closed.'));
  await settle();
  expect([attempts, clock.pending()]).toEqual([1, 0]);
});
