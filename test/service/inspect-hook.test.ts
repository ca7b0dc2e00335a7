import { config } from 'rxjs';
import { expect, it, onTestFinished } from 'vitest';
import { makeWorld } from '../support/make-world.ts';

it('G5 whatever an inspector throws at, nothing stops, and every error is reported', async () => {
  const reported: unknown[] = [];
  config.onUnhandledError = (error) => reported.push(error);
  onTestFinished(() => {
    config.onUnhandledError = null;
  });
  const thrown: Error[] = [];
  const world = makeWorld();
  const sync = await world.open({
    inspect({ type }) {
      const error = new Error(`no place for ${type}`);
      thrown.push(error);
      throw error;
    },
  });
  const { synced } = sync.collection('tasks').put({ id: '1', title: 'a' });
  await world.advance(60_000);
  await expect(synced).resolves.toMatchObject({ id: '1', version: 1 });
  expect(sync.queue.size).toBe(0);
  await sync.close();
  await new Promise((resolve) => setTimeout(resolve));
  expect(new Set(thrown.map(({ message }) => message)).size).toBeGreaterThan(3);
  expect(new Set(reported)).toEqual(new Set(thrown));
});
