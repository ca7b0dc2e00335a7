import { createMemoryStorage, isVolatile } from '../adapters/storage/memory-storage.ts';
import { requestPersistence } from '../adapters/storage/persistence.ts';
import type { Version } from '../core/entity.ts';
import { SyncError, toErrorInfo } from '../core/errors.ts';
import type { Journal } from '../journal/journal.ts';
import { composeDraft } from '../outbox/compose-draft.ts';
import { placeDraft } from '../outbox/place-draft.ts';
import { composeWrite } from '../outbox/compose-operation.ts';
import { createDrafts } from '../store/drafts.ts';
import { entryOf, type Draft, type EntityStep, type JournalEntry } from '../store/entry.ts';
import { createFollowerLedger, type FollowerLedger } from '../store/follower-ledger.ts';
import { createLedger, type Ledger, type LedgerListener } from '../store/ledger.ts';
import { createExposure } from '../store/exposure.ts';
import { compareOperations } from '../store/operation-order.ts';
import { createPages, type Pages } from '../store/pages.ts';
import { createRecovery, type RecoveredData, type Recovery } from '../store/recovery.ts';
import { compareReigns, overAfter, type Reign } from '../store/reigns.ts';
import { reload } from '../store/reload.ts';
import { createReplica, type EntitySlot, type Replica } from '../store/replica.ts';
import { createAlarm } from './alarm.ts';
import { createDraftImports, type Drafted } from './draft-imports.ts';
import { createFollowedLog } from './followed-log.ts';
import { createGivenUp } from './given-up.ts';
import { createLocalJournal } from './local-journal.ts';
import { createSequence } from './sequence.ts';
import { createStorageReports } from './storage-reports.ts';
import { createUncutDrafts } from './uncut-drafts.ts';
import type { LocalData, LocalDataParts } from './local-data.ts';

interface Reading {
  readonly replica: Replica;
  readonly pages: Pages;
  readonly found: RecoveredData;
}

/** The local data of one service. Nothing is read before `open`. */
export function createLocalData(parts: LocalDataParts): LocalData {
  const { settings, replica, redaction, listener } = parts;
  const drafts = createDrafts(replica, place, parts.followed);
  const sequence = createSequence();
  const report = createStorageReports(parts.storageFailed, parts.storageRecovered);
  const exposure = createExposure(redaction);
  const uncut = createUncutDrafts();
  const givenUp = createGivenUp();
  const imports = createDraftImports({
    journal: () => journal,
    leads: () => epoch !== null,
    take,
    commitNote: (writer, number) => void ledger.commit([{ type: 'imported', writer, number }], 'own'),
    report,
  });
  const followed = createFollowedLog({
    journal: () => journal,
    recover: recoverAnew,
    take(entries) {
      for (const entry of entries) {
        if (entry.type === 'entity' && entry.step.type === 'settle') parts.acknowledged(entry.step.key);
      }
      follower?.take(entries);
    },
    report,
  });
  let pages = createPages();
  let isFallback = false;
  let hasAsked = false;
  let isDamaged = false;
  let isOpen = false;
  let epoch: number | null = null;
  /** The last one that this tab began. */
  let ownReign: Reign | null = null;
  let journal = makeJournal();
  const failure = createAlarm();
  let follower: FollowerLedger | null = null;
  let ledger: Ledger = makeLedger();

  const isDurable = () => !isFallback && !isVolatile(settings.storage);
  const draftAnew = (left: readonly Draft[]) => ledger.commit(left, 'local');

  function isAlone(): boolean {
    return isFallback || !settings.isShared;
  }

  /** Runs the task when those before it have ended, unless there are no other tabs. */
  const amongTabs = (task: () => Promise<void>) => sequence(async () => (isAlone() ? undefined : task()));

  function place(slot: EntitySlot, state: EntitySlot['state'], draft: Draft): EntityStep & { type: 'write' } {
    return placeDraft(state, draft, (version) => parts.keptSince(slot, version), settings.policies(slot.collection));
  }

  /** With the first write there is something that the browser should not evict (S33). */
  function askToPersist(): void {
    if (hasAsked || !isDurable()) return;
    hasAsked = true;
    void requestPersistence();
  }

  function append(entries: readonly JournalEntry[]): ReturnType<Journal<JournalEntry>['append']> {
    return journal.append(entries.map((entry) => redaction.entry(entry)));
  }

  function appendDrafts(entries: readonly JournalEntry[]): ReturnType<typeof journal.append> {
    const stored = entries.map((entry) => redaction.entry(entry));
    const appended = journal.append(stored);
    uncut.note(appended.group, entries, stored);
    return appended;
  }

  function makeLedger(): Ledger {
    const told: LedgerListener = {
      changed(changes, origin) {
        for (const change of changes) {
          pages.assign(change.slot);
          parts.followed(change);
        }
        if (origin === 'local') askToPersist();
        listener.changed(changes, origin);
      },
      stored(slots, written) {
        for (const slot of slots) pages.mark(slot);
        listener.stored(slots, written);
      },
      dropped: listener.dropped,
      imported: (writer, number) => journal.include(writer, number),
    };
    return createLedger(replica, append, told, place);
  }

  function makeFollowerLedger(): FollowerLedger {
    return createFollowerLedger(replica, drafts, appendDrafts, {
      ...listener,
      changed(changes, origin) {
        if (origin === 'local') askToPersist();
        listener.changed(changes, origin);
      },
    });
  }

  function makeJournal(): Journal<JournalEntry> {
    return createLocalJournal({
      settings,
      storage: isFallback ? createMemoryStorage() : settings.storage,
      writer: parts.clientId,
      replica,
      redaction,
      isShared: !isAlone(),
      isDrafting: () => follower !== null,
      ledger: () => ledger,
      pages: () => pages,
      reign: () => (epoch === null ? null : ownReign),
      stamp: parts.stamp,
      stored: (number) => parts.stored(number, uncut.take(number)),
      abandoned: (underWay) => givenUp.add(ledger.abandon(), underWay),
      deposed: parts.deposed,
      failed(error) {
        failure.raise();
        parts.storageFailed(error);
      },
      recovered() {
        failure.clear();
        parts.storageRecovered();
      },
      lost: parts.storageLost,
      quarantined(key, error) {
        isDamaged = true;
        parts.quarantined(key, error);
      },
    });
  }

  /** Reads everything stored into what `target` makes, afresh with each try. */
  async function read(target: () => { replica: Replica; pages: Pages }): Promise<Reading> {
    let into!: ReturnType<typeof target>;
    let recovery!: Recovery;
    await journal.recover(() => {
      into = target();
      return (recovery = createRecovery(into.replica, into.pages, exposure));
    });
    return { ...into, found: recovery.finish() };
  }

  /** What was damaged was perhaps told before, and would not be told again: all feeds are read from their start. */
  function readFeedsAnew(): void {
    if (isDamaged) replica.restoreFeed({ epoch: replica.feed.epoch, cursors: new Map() });
  }

  async function recover(): Promise<RecoveredData> {
    const reading = await read(() => {
      replica.clear();
      return { replica, pages: createPages() };
    });
    pages = reading.pages;
    readFeedsAnew();
    return reading.found;
  }

  const readBeside = () => read(() => ({ replica: createReplica(settings.policies), pages: createPages() }));

  /** Shows what is stored now. */
  async function recoverAnew(): Promise<RecoveredData> {
    const fresh = await readBeside();
    show(fresh, lastReadBy(fresh.found));
    return fresh.found;
  }

  /** `lastRead`: the last segment of this tab's journal that counts; null: nothing was given up. */
  function show(fresh: Reading, lastRead: number | null): void {
    const { found } = fresh;
    const unimported = new Set(found.drafts.map(({ draft }) => draft.operation.id));
    const taken = found.imported.get(journal.writer) ?? 0;
    const isPending = ({ operation: { id } }: Draft) =>
      !found.logged.has(id) && (unimported.has(id) || (follower?.segmentOf(id) ?? 0) > taken);
    const lost = new Set([...unimported, ...givenUp.lostTo(lastRead)]);
    const changes = reload(replica, fresh.replica, drafts, isPending, lost);
    follower?.confirm(found.logged, taken);
    pages = fresh.pages;
    pages.rebind(replica);
    readFeedsAnew();
    listener.changed(changes, 'remote');
    note(found);
    showDrafts(found);
    if (lastRead !== null) givenUp.settle(lastRead, draftAnew);
  }

  /** The last segment of this tab's reign that the one after it has read; null: none has begun after it. */
  function lastReadBy({ reign: last }: RecoveredData): number | null {
    return last && compareReigns(last, ownReign) > 0 ? (last.over[journal.writer] ?? 0) : null;
  }

  /** What other tabs, also those that are gone, have drafted and the leader has not taken up yet. */
  function showDrafts(found: RecoveredData): void {
    const added = drafts.addRead(found.drafts.map(({ draft }) => draft));
    if (added.length > 0) listener.changed(added, 'sibling');
  }

  function note({ imported: positions, reign }: RecoveredData): void {
    imports.restart(positions);
    const writer = reign?.writer;
    const read = (of: string) => Math.max(journal.recovered[of] ?? 0, positions.get(of) ?? 0);
    followed.restart(writer === undefined ? null : { writer, number: read(writer) });
  }

  /** Nothing of this tab's own drafts is on its way to the storage any more when this resolves. */
  async function settleDrafts(): Promise<void> {
    while (follower && !follower.isSettled) await journal.flush();
  }

  /** Puts this tab's log on top of those of the others, beginning with what is drafted and not yet in a log. */
  function reign(found: RecoveredData, claimed: number): void {
    const writerOf = new Map(found.drafts.map(({ writer, draft }) => [draft.operation.id, writer]));
    const all = drafts.list().map((draft) => ({ writer: writerOf.get(draft.operation.id) ?? journal.writer, draft }));
    drafts.clear();
    follower = null;
    ledger = makeLedger();
    epoch = claimed;
    const read = { ...journal.recovered, [journal.writer]: journal.position };
    const over = overAfter(found.reign, read);
    ownReign = { epoch: claimed, writer: journal.writer, over };
    void ledger.commit([], 'own');
    take(all.sort((a, b) => compareOperations(a.draft.operation, b.draft.operation)));
    for (const [writer, number] of Object.entries(read)) if (number > 0) imports.note(writer, number);
    void storePagesFrom(claimed);
  }

  /** Pages cover the drafts of others, which must be durable in this log before. */
  async function storePagesFrom(claimed: number): Promise<void> {
    await journal.flush();
    if (epoch === claimed) journal.lead();
  }

  function take(drafted: readonly Drafted[]): void {
    for (const { writer, draft } of drafted) {
      const slot = replica.slot(draft.collection, draft.id);
      const { collection, id } = draft;
      const step = place(slot, slot.state, draft);
      void ledger.commit([{ type: 'entity', collection, id, step, from: writer }], 'sibling');
      if (step.operation.lost) parts.lossy(slot);
    }
  }

  async function takeOver(): Promise<void> {
    const claimed = await journal.claim();
    const found = await recoverAnew();
    await settleDrafts();
    if (parts.isElected()) reign(found, claimed);
  }

  /**
   * Nothing is stored any more, so that what the app writes now comes after what was on its way, until the storage shows who
   * leads and how far this tab was read.
   */
  async function stepDown(): Promise<void> {
    journal.overrule();
    let fresh = await readBeside();
    for (; !parts.isElected() && lastReadBy(fresh.found) === null; fresh = await readBeside()) await parts.untilSign();
    // All in one tick: a draft that was stored before what is given up here is drafted anew would count as the earlier one.
    epoch = null;
    followed.restart(null);
    givenUp.whenKnown(journal.resign());
    ledger = follower = makeFollowerLedger();
    show(fresh, lastReadBy(fresh.found) ?? journal.recovered[journal.writer] ?? 0);
  }

  /** Where tabs shared the storage before, this one goes on with what they left. */
  async function recoverAlone(): Promise<string | null> {
    const found = await recover();
    showDrafts(found);
    if (found.reign || found.drafts.length > 0) reign(found, (found.reign?.epoch ?? 0) + 1);
    else epoch = 0;
    return found.stamp;
  }

  async function openAs(role: 'leader' | 'follower'): Promise<string | null> {
    if (isAlone()) return recoverAlone();
    const claimed = role === 'leader' ? await journal.claim() : null;
    if (claimed === null) ledger = follower = makeFollowerLedger();
    const found = await recover();
    note(found);
    showDrafts(found);
    if (claimed !== null) reign(found, claimed);
    return found.stamp;
  }

  return {
    get ledger() {
      return ledger;
    },
    get epoch() {
      return epoch;
    },
    get isAlone() {
      return isAlone();
    },
    get isDurable() {
      return isDurable();
    },
    get writer() {
      return journal.writer;
    },
    get position() {
      return journal.position;
    },
    open: (role) =>
      sequence(async () => {
        try {
          const stamp = await openAs(role);
          isOpen = true;
          return stamp;
        } catch (thrown) {
          if (!(thrown instanceof SyncError) || thrown.code !== 'storage-failed') throw thrown;
          parts.storageFailed(toErrorInfo(thrown));
          await journal.close();
          isFallback = true;
          epoch = null;
          follower = null;
          ledger = makeLedger();
          journal = makeJournal();
          return recoverAlone();
        }
      }),
    lead: () =>
      amongTabs(async () => {
        if (epoch !== null && journal.isOverruled) await report(stepDown);
        if (epoch === null) await report(takeOver);
      }),
    resign: () =>
      amongTabs(async () => {
        if (epoch !== null) await report(stepDown);
        else if (!followed.isKnown) await report(recoverAnew);
      }),
    adopt: (heard = new Set()) =>
      amongTabs(async () => void (await (epoch === null ? report(recoverAnew) : imports.fromAll(heard)))),
    grown: (writer, number, isLeader, whole = []) =>
      amongTabs(async () => {
        if (!isOpen || writer === journal.writer) return;
        if (epoch !== null) await imports.from(writer, number, whole);
        else if (isLeader) await followed.readTo(writer, number);
      }),
    compose(slot, intent, mark) {
      const keptSince = (version: Version) => parts.keptSince(slot, version);
      if (follower) return composeDraft(slot.state, intent, keptSince, mark);
      const step = composeWrite(slot.state, intent, keptSince, mark, settings.policies(slot.collection));
      return step && entryOf(slot, step);
    },
    flush: () => journal.flush(),
    whenFailing: failure.whenRaised,
    async verify() {
      await journal.verify().catch(() => false);
    },
    close: () => journal.close(),
    async wipe() {
      await journal.wipe();
      if (!isFallback) return;
      isFallback = false;
      await makeJournal().wipe();
    },
  };
}
