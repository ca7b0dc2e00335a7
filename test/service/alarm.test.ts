import { expect, it } from 'vitest';
import { createAlarm } from '../../src/service/alarm.ts';

it('G19 an alarm tells each who waits once, those who come while it is raised at once, and none who has stopped waiting', () => {
  const alarm = createAlarm();
  const told: string[] = [];
  alarm.whenRaised(() => told.push('waiting'));
  alarm.whenRaised(() => told.push('gone'))();
  alarm.raise();
  alarm.raise();
  alarm.whenRaised(() => told.push('late'));
  alarm.clear();
  alarm.whenRaised(() => told.push('next'));
  expect(told).toEqual(['waiting', 'late']);
  alarm.raise();
  expect(told).toEqual(['waiting', 'late', 'next']);
});
