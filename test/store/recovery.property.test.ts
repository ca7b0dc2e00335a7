import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ISyncEntity } from '../../src/core/entity.ts';
import type { Json } from '../../src/core/json.ts';
import { createOldTombstones } from '../../src/feed/old-tombstones.ts';
import { createVirtualClock } from '../../src/testing/virtual-clock.ts';
import type { JournalEntry } from '../../src/store/entry.ts';
import { createPages, type Pages } from '../../src/store/pages.ts';
import { createRecovery } from '../../src/store/recovery.ts';
import { createRedaction } from '../../src/store/redact.ts';
import { createReplica, type Replica } from '../../src/store/replica.ts';
import { commandsOf, expectSeen, runProperty } from '../core/run-property.ts';
import { contentOf, createReplicaLife, event, type Event } from './replica-life.ts';

/** `torn`: only every other page is stored, and nothing beside them; `whole`: all of it, and earlier segments go. */
type Moment = Event | { readonly type: 'stored'; readonly how: 'torn' | 'whole' };

const moment: fc.Arbitrary<Moment> = fc.oneof(
  { weight: 8, arbitrary: event },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('stored' as const), how: fc.constantFrom('torn', 'whole') }) },
);

interface Stored {
  readonly pages: Map<number, { readonly content: Json; readonly position: Readonly<Record<string, number>> }>;
  meta: { readonly content: Json; readonly position: Readonly<Record<string, number>> } | null;
  segments: Map<number, readonly JournalEntry[]>;
}

const redaction = createRedaction(() => []);
const asStored = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

function metaOf({ feed, resolved }: Replica): Json {
  return {
    epoch: feed.epoch,
    cursors: [...feed.cursors],
    resolved: [...resolved.values()],
    stamp: null,
  } as unknown as Json;
}

function storePages(pages: Pages, stored: Stored, position: number, how: 'torn' | 'whole', replica: Replica): void {
  const dirty = [...pages.dirty()];
  for (const page of how === 'torn' ? dirty.filter((each) => each % 2 === position % 2) : dirty) {
    const content = pages.content(page, (slot) => slot.state);
    pages.cleaned(page);
    if (content === null) stored.pages.delete(page);
    else stored.pages.set(page, { content: asStored(content), position: { w: position } });
  }
  if (how === 'torn') return;
  stored.meta = { content: asStored(metaOf(replica)), position: { w: position } };
  stored.segments = new Map();
}

/** Lives through the moments, storing as a journal does, and gives what is there live and what is stored. */
function live(moments: readonly Moment[]): { replica: Replica; stored: Stored; patched: number } {
  const replica = createReplica();
  const pages = createPages();
  const stored: Stored = { pages: new Map(), meta: null, segments: new Map() };
  const life = createReplicaLife(replica);
  let position = 0;
  let patched = 0;
  for (const each of moments) {
    if (each.type === 'stored') {
      storePages(pages, stored, position, each.how, replica);
      continue;
    }
    const entry = life.entryFor(each);
    if (!entry) continue;
    stored.segments.set((position += 1), [asStored(redaction.entry(entry))]);
    if (entry.type === 'feed') patched += entry.changes.filter((change) => 'patched' in change).length;
    const before = new Map(life.slots().map((slot) => [slot, slot.state]));
    for (const { slot } of replica.apply(entry)) {
      pages.assign(slot);
      pages.mark(slot);
    }
    life.learn(before);
  }
  return { replica, stored, patched };
}

function recover(stored: Stored): { replica: Replica; pages: Pages } {
  const replica = createReplica();
  const pages = createPages();
  const recovery = createRecovery(replica, pages);
  if (stored.meta) recovery.meta(stored.meta.content, stored.meta.position);
  for (const [page, { content, position }] of stored.pages) recovery.page(page, content, position);
  for (const [number, entries] of stored.segments) recovery.segment('w', number, entries);
  recovery.finish();
  return { replica, pages };
}

test('S28 what is recovered is what was there, whatever had been stored as pages before', () => {
  const seen = { working: 0, paged: 0, conflicts: 0, patched: 0 };
  runProperty(
    fc.property(commandsOf(moment, 5), (moments) => {
      const { replica, stored, patched } = live(moments);
      expect(contentOf(recover(stored).replica)).toEqual(contentOf(replica));
      seen.patched += patched;
      seen.working += replica.working.size;
      seen.paged += stored.pages.size;
      seen.conflicts += replica.resolved.size;
    }),
    1_000,
  );
  expectSeen(Math.min(seen.working, seen.paged, seen.conflicts), 50);
  expectSeen(seen.patched, 20, 'stored as changes');
});

test('S28 what was recovered and stored as pages again is recovered the same', () => {
  runProperty(
    fc.property(commandsOf(moment, 5), (moments) => {
      const { replica, stored } = live(moments);
      const first = recover(stored);
      const again: Stored = { pages: new Map(stored.pages), meta: null, segments: new Map() };
      storePages(first.pages, again, stored.segments.size + 1_000, 'whole', first.replica);
      expect(contentOf(recover(again).replica)).toEqual(contentOf(replica));
    }),
  );
});

test('S28 an entity that comes again after its deletion was forgotten is stored once', () => {
  const first = createReplica();
  const pages = createPages();
  const isBig = (id: string) => Number(id) < 80;
  const told = (id: string, entity: boolean): JournalEntry => ({
    type: 'entity',
    collection: 'tasks',
    id,
    step: {
      type: 'receive',
      base: {
        entity: entity
          ? ({ id, updatedAt: '', ...(isBig(id) ? { text: 'x'.repeat(4_000) } : {}) } as ISyncEntity)
          : null,
        version: entity ? 1 : 2,
        updatedAt: null,
      },
    },
  });
  const apply = (replica: Replica, to: Pages, entry: JournalEntry) => {
    for (const { slot } of replica.apply(entry)) {
      to.assign(slot);
      to.mark(slot);
    }
  };
  for (let index = 0; index < 700; index += 1) apply(first, pages, told(`${index}`, index !== 600));
  const stored: Stored = { pages: new Map(), meta: null, segments: new Map() };
  storePages(pages, stored, 1, 'whole', first);

  const second = recover(stored);
  const tombstones = createOldTombstones(second.replica, createVirtualClock());
  tombstones.loaded();
  tombstones.forget('tasks');
  apply(second.replica, second.pages, told('600', true));
  storePages(second.pages, stored, 2, 'whole', second.replica);

  const third = recover(stored).replica;
  expect(third.find('tasks', '600')?.state.base?.entity).toEqual({ id: '600', updatedAt: '' });
});

test('S28 an operation that was annihilated while pages were stored does not come back', () => {
  const put: Event = { type: 'entity', place: 0, happening: { type: 'put', fields: {}, looksBack: null } };
  const other: Event = { type: 'entity', place: 1, happening: { type: 'put', fields: {}, looksBack: null } };
  const remove: Event = { type: 'entity', place: 0, happening: { type: 'delete' } };
  const annihilate: Event = { type: 'entity', place: 0, happening: { type: 'seal', count: 2, ordered: true } };
  const { replica, stored } = live([
    put,
    { type: 'stored', how: 'whole' },
    other,
    remove,
    annihilate,
    { type: 'stored', how: 'torn' },
  ]);
  expect([...replica.working].map(({ id }) => id)).toEqual(['2']);
  expect(contentOf(recover(stored).replica)).toEqual(contentOf(replica));
});
