import { firstValueFrom, filter } from 'rxjs';
import { createHttpApiClient, createSyncService, type ConflictRecord, type SyncState } from '../../src/index.ts';
import { collections, createWorkload, type Shown } from './workload.ts';

/** What the page tells its test. */
export interface TabEars {
  /** A row is durable. */
  durable(id: string): void;
  /** Something was thrown that nobody expects. */
  trouble(message: string): void;
}

/** What the test asks of the page. */
export interface RemoteTabService {
  /** Writes no more from now on. */
  rest(): void;
  state(): TabState;
  /** Stops in the debugger as soon as no transaction of this page keeps other pages from the storage: no browser freezes one that does. */
  freeze(): void;
}

export interface TabState {
  readonly sync: SyncState;
  readonly shown: Shown;
  readonly conflicts: readonly ConflictRecord[];
}

/** The least and the most time between two bursts of writes. */
const paceMs = { least: 5, most: 100 };
const largestBurst = 4;

/** Calls back as soon as no transaction is open. */
function watchTransactions(): (whenNone: () => void) => void {
  const open = new Set<IDBTransaction>();
  const waiting: (() => void)[] = [];
  const { transaction } = IDBDatabase.prototype;
  const callBack = () => {
    while (open.size === 0 && waiting.length > 0) waiting.shift()?.();
  };
  IDBDatabase.prototype.transaction = function (this: IDBDatabase, ...given: Parameters<typeof transaction>) {
    const begun = transaction.apply(this, given);
    open.add(begun);
    for (const end of ['complete', 'abort'])
      begun.addEventListener(end, () => {
        open.delete(begun);
        callBack();
      });
    return begun;
  };
  return (whenNone) => {
    waiting.push(whenNone);
    callBack();
  };
}

/** Runs in the page: writes in bursts from the start on. Its address says which `life` it is, where the `server` is, and by `paused` and `resting` whether it sends and writes. */
export async function runTab(): Promise<void> {
  const page = globalThis as unknown as TabEars & { tab: RemoteTabService; origin: string };
  const address = new URL(location.href).searchParams;
  addEventListener('unhandledrejection', ({ reason }) => page.trouble(`unhandled: ${String(reason)}`));
  const sync = createSyncService(createHttpApiClient({ url: address.get('server') ?? '' }), {
    collections,
    retry: { baseMs: 50, maxMs: 500 },
    requestTimeoutMs: 5_000,
  });
  const workload = createWorkload(sync, address.get('life') ?? '');
  const whenNoTransaction = watchTransactions();
  let isResting = address.has('resting');
  page.tab = {
    rest() {
      isResting = true;
    },
    state: () => ({ sync: sync.getSnapshot(), shown: workload.shown(), conflicts: sync.conflicts.list() }),
    freeze() {
      whenNoTransaction(() => {
        // oxlint-disable-next-line no-debugger
        debugger;
      });
    },
  };
  const written = (id: string) => {
    const { durable, error } = sync.getSnapshot();
    if (durable) page.durable(id);
    else page.trouble(`in memory only: ${JSON.stringify(error)}`);
  };
  const write = () => workload.write().then(written, (error: Error) => page.trouble(`write: ${error.message}`));
  sync.enableRealTime();
  if (address.has('paused')) sync.pause();
  await sync.ready;
  const board = sync.collection('board').all$();
  await firstValueFrom(board.pipe(filter(() => workload.isReady)));
  const next = () => {
    if (isResting) return;
    const count = 1 + Math.floor(Math.random() * largestBurst);
    for (let number = 0; number < count; number += 1) void write();
    setTimeout(next, paceMs.least + Math.random() * (paceMs.most - paceMs.least));
  };
  next();
}
