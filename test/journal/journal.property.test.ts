import fc from 'fast-check';
import { test } from 'vitest';
import type { StorageFate } from '../../src/testing/planned-storage.ts';
import { countIn, createJournalModel } from './journal-model.ts';
import type { Command } from './journal-model.ts';
import { commandsOf, expectSeen, runAsyncProperty } from '../core/run-property.ts';

const entry = fc.record({
  counter: fc.nat({ max: 8 }),
  add: fc.option(fc.integer({ min: 1, max: 9 }), { freq: 8 }),
  isLocal: fc.boolean(),
});
const fate = fc.constantFrom<StorageFate>('done', 'failed', 'silent', 'unanswered', 'late');
const mixed = fc.array(fate, { minLength: 1, maxLength: 6 });
const outage = fc.tuple(fate, fc.integer({ min: 3, max: 12 })).map(([each, calls]) => Array(calls).fill(each));
const calls = fc.array(fc.array(entry, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 });
const waitMs = fc.constantFrom(0, 1, 500, 5_000, 10_000, 21_000);

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 16, arbitrary: calls.map((each): Command => ({ type: 'append', calls: each })) },
  { weight: 6, arbitrary: mixed.map((fates): Command => ({ type: 'fail', fates })) },
  { weight: 4, arbitrary: outage.map((fates): Command => ({ type: 'fail', fates })) },
  { weight: 8, arbitrary: waitMs.map((ms): Command => ({ type: 'wait', ms })) },
  { weight: 6, arbitrary: fc.constant<Command>({ type: 'checkpoint' }) },
  { weight: 3, arbitrary: fc.constant<Command>({ type: 'land' }) },
  { weight: 2, arbitrary: fc.constant<Command>({ type: 'crash' }) },
  { weight: 1, arbitrary: fc.constant<Command>({ type: 'reopen' }) },
  { weight: 1, arbitrary: fc.constant<Command>({ type: 'verify' }) },
);

test('G1 G19 S31 whatever fails, hangs, lands late or crashes: durable means recovered, and what is recovered is a prefix', async () => {
  const seen = new Map<string, number>();
  const property = fc.asyncProperty(commandsOf(command), async (commands) => {
    const model = createJournalModel();
    for (const each of commands) await model.run(each);
    await model.heal();
    for (const [what, count] of model.seen) seen.set(what, countIn(seen, what) + count);
  });
  await runAsyncProperty(property, 300);
  for (const what of ['stored', 'rolled back', 'recovered', 'landed', 'checkpoint', 'crash']) {
    expectSeen(countIn(seen, what), 75, what);
  }
});
