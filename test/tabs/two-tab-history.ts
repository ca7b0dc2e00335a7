import type { ISyncEntity, SyncOptions } from '../../src/index.ts';
import { loseAnswer, loseRequest } from '../../src/testing/backend/answers.ts';
import { createPlannedStorage, type PlannedStorage } from '../../src/testing/planned-storage.ts';
import { createTabWorld, type Tab, type TabWorld } from '../support/tab-world.ts';

/** The options of every tab of the history. */
export const historyOptions: SyncOptions = { collections: { tasks: { fields: { '/count': 'counter' } } } };

/** What tabs had stored when the last of them was killed, and the backend that they were connected to. */
export interface TwoTabHistory {
  readonly world: TabWorld;
  readonly storage: PlannedStorage;
  /** Of each write that was told to be durable: the field that it alone has set. */
  readonly durable: ReadonlySet<string>;
}

/** Writes are known by fields of their own, and counted by one that they share: one that takes effect twice shows. */
export interface Marked extends ISyncEntity {
  readonly count: number;
}

/** The marks that an entity bears. */
export function marksOf(entity: unknown): readonly string[] {
  return Object.keys(entity ?? {}).filter((field) => field.startsWith('mark'));
}

/**
 * A leader and a follower: writes of both that are settled, sealed without an answer, and only stored; a change of someone
 * else; a leader that is killed and followed by the other one; and at the end, killed together, a leader that was frozen and
 * a follower whose drafts nobody has taken up. `asPages`: what the second leader knew is stored as pages, and a third one leads.
 */
export async function liveAsTwoTabs(asPages: boolean): Promise<TwoTabHistory> {
  const storage = createPlannedStorage();
  const world = createTabWorld({ storage });
  const durable = new Set<string>();
  let marks = 0;

  function write({ sync }: Tab, id: string): void {
    const mark = `mark${(marks += 1)}`;
    const tasks = sync.collection('tasks');
    const count = ((tasks.get(id) as Marked | undefined)?.count ?? 0) + 1;
    const written = tasks.has(id) ? tasks.patch(id, { count, [mark]: true }) : tasks.put({ id, count, [mark]: true });
    written.durable.then(
      () => durable.add(mark),
      () => undefined,
    );
  }

  async function storePages(leader: Tab): Promise<void> {
    storage.items.clear();
    leader.page$.next('resumed');
    await world.advance(5_000);
  }

  async function succeed(leader: Tab): Promise<void> {
    leader.life.kill();
    await world.advance(1_000);
  }

  const open = () => world.open({ ...historyOptions, retry: { baseMs: 3_600_000, maxMs: 3_600_000 } });
  const first = await open();
  const second = await open();
  for (const [tab, id] of [
    [first, 'a'],
    [second, 'b'],
    [second, 'a'],
  ] as const) {
    write(tab, id);
    await world.advance(1_000);
  }
  world.backend.edit('tasks', 'theirs', { id: 'theirs', count: 0 });
  await first.sync.pull();
  world.backend.once('write', loseAnswer);
  world.backend.always('write', loseRequest);
  for (const [tab, id] of [
    [second, 'b'],
    [first, 'a'],
    [second, 'c'],
    [first, 'theirs'],
  ] as const) {
    write(tab, id);
    await world.advance(500);
  }
  await succeed(first);
  write(second, 'b');
  await world.advance(500);
  if (asPages) await storePages(second);
  const third = await open();
  for (const [tab, id] of [
    [third, 'd'],
    [second, 'd'],
    [third, 'a'],
  ] as const) {
    write(tab, id);
    await world.advance(500);
  }
  if (asPages) await succeed(second);
  const [leader, follower] = asPages ? [third, await open()] : [second, third];
  write(leader, 'e');
  write(follower, 'f');
  await world.advance(500);
  leader.life.freeze();
  for (const id of ['a', 'd', 'g']) write(follower, id);
  await world.advance(100);
  leader.life.kill();
  follower.life.kill();
  return { world, storage, durable };
}
