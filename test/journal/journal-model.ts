import { expect } from 'vitest';
import type { StorageFate } from '../../src/testing/planned-storage.ts';
import { fold } from './counter-store.ts';
import type { CounterEntry } from './counter-store.ts';
import { expectPrefix } from './expect-prefix.ts';
import type { History } from './expect-prefix.ts';
import { createLife } from './journal-life.ts';
import type { JournalLife } from './journal-life.ts';

/** One thing that can happen to a journal. `fail` plans what becomes of the next storage calls. */
export type Command =
  | { readonly type: 'append'; readonly calls: readonly (readonly Omit<CounterEntry, 'sequence'>[])[] }
  | { readonly type: 'fail'; readonly fates: readonly StorageFate[] }
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'checkpoint' | 'land' | 'crash' | 'reopen' | 'verify' };

/** A journal on a storage that fares as told, life after life, checked after every command. */
export interface JournalModel {
  /** How often what happened, so that a test can tell that it was no vacuous run. */
  readonly seen: ReadonlyMap<string, number>;
  run(command: Command): Promise<void>;
  /** No more failures: everything that was not rejected must become durable, and be recovered. */
  heal(): Promise<void>;
}

interface Tracked {
  readonly entry: CounterEntry;
  readonly appended: { readonly fate: string };
}

const checkpointBytes = 8 * 1024;
const patienceMs = 120_000;
const kinds = ['stored', 'rolled back', 'failed', 'recovered'];

/** How often `what` was seen. */
export function countIn(seen: ReadonlyMap<string, number>, what: string): number {
  return seen.get(what) ?? 0;
}

/** An empty storage and no life yet. */
export function createJournalModel(): JournalModel {
  const items = new Map<string, unknown>();
  const seen = new Map<string, number>();
  let fates: StorageFate[] = [];
  let sequence = 0;
  let inherited: readonly CounterEntry[] = [];
  let tracked: Tracked[] = [];
  let life: JournalLife | null = null;

  const note = (what: string): void => void seen.set(what, countIn(seen, what) + 1);

  const history = (): History[] => [
    ...inherited.map((entry): History => ({ entry, fate: 'stored' })),
    ...tracked.map(({ entry, appended: { fate } }): History => {
      if (fate === 'stored') return { entry, fate };
      return { entry, fate: fate !== 'open' && entry.isLocal ? 'rejected' : 'open' };
    }),
  ];

  async function settled<T>(clock: JournalLife['clock'], promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const noted = promise.finally(() => (isSettled = true));
    noted.catch(() => undefined);
    await clock.runUntil(() => isSettled, patienceMs);
    return noted;
  }

  async function start(): Promise<JournalLife> {
    for (;;) {
      const started = createLife(items, { checkpointBytes });
      started.storage.plan(() => fates.shift() ?? 'done');
      const error = await settled(
        started.clock,
        started.journal
          .recover(() => started.store.sink)
          .then(
            () => null,
            (reason: { code: string }) => reason.code,
          ),
      );
      if (error === null) {
        inherited = expectPrefix(started.store.durable(), history());
        tracked = [];
        return started;
      }
      expect(error).toBe('storage-failed');
      started.storage.plan(() => 'silent');
      note('recovery failed');
    }
  }

  async function end(ending: JournalLife, how: 'crash' | 'reopen'): Promise<void> {
    if (how === 'reopen') {
      await settled(ending.clock, ending.journal.close());
      expect(ending.clock.pending()).toBe(0);
    }
    ending.storage.plan(() => 'silent');
    for (const report of ending.reports) note(kinds.find((kind) => report.startsWith(kind)) ?? report);
    life = null;
  }

  function append(to: JournalLife, calls: readonly (readonly Omit<CounterEntry, 'sequence'>[])[]): void {
    for (const call of calls) {
      const entries = call.map((entry) => ({ ...entry, sequence: (sequence += 1) }));
      const appended = to.append(...entries);
      for (const entry of entries) tracked.push({ entry, appended });
    }
  }

  async function land(at: JournalLife): Promise<void> {
    fates = [];
    if (at.storage.land() > 0) note('landed');
    await at.clock.advance(patienceMs);
  }

  function check(running: JournalLife): void {
    const durable = running.store.durable();
    const found = new Set(durable.sequences);
    const fates = history();
    const wrong = fates.filter(
      ({ entry, fate }) => fate !== 'open' && found.has(entry.sequence) !== (fate === 'stored'),
    );
    expect(wrong, 'the store and the promises disagree').toEqual([]);
    expect(durable).toEqual(fold(fates.map(({ entry }) => entry).filter(({ sequence: each }) => found.has(each))));
    const open = fates.filter(({ entry, fate }) => fate === 'open' && !found.has(entry.sequence));
    expect(running.store.waiting()).toEqual(open.map(({ entry }) => entry.sequence));
  }

  return {
    seen,
    async run(command) {
      life ??= await start();
      switch (command.type) {
        case 'append':
          append(life, command.calls);
          break;
        case 'fail':
          fates = [...command.fates];
          break;
        case 'wait':
          await life.clock.advance(command.ms);
          break;
        case 'land':
          await land(life);
          break;
        case 'checkpoint':
          life.journal.checkpoint().then(
            () => note('checkpoint'),
            () => note('checkpoint failed'),
          );
          break;
        case 'verify':
          life.journal.verify().then(
            (isThere) => expect(isThere).toBe(true),
            () => note('verify failed'),
          );
          break;
        case 'crash':
        case 'reopen':
          note(command.type);
          await end(life, command.type);
          return;
      }
      await life.clock.advance(0);
      check(life);
    },
    async heal() {
      life ??= await start();
      await land(life);
      check(life);
      expect(life.store.waiting()).toEqual([]);
      await settled(life.clock, life.journal.flush());
      await settled(life.clock, life.journal.checkpoint());
      await end(life, 'reopen');
      const accepted = history().filter(({ fate }) => fate !== 'rejected');
      life = await start();
      expect(inherited).toEqual(accepted.map(({ entry }) => entry));
    },
  };
}
