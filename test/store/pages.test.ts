import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/core/json.ts';
import { createPages, type Pages } from '../../src/store/pages.ts';
import { createReplica, type Replica } from '../../src/store/replica.ts';

const kilobytes = (count: number): string => 'x'.repeat(count * 1_024);
const named = (text: string) => (id: number) => ({ id: `${text}${String(id).padStart(4, '0')}` });

function store(replica: Replica, pages: Pages, { id }: { readonly id: string }, text: string): void {
  const version = text.length;
  const change = { id, base: { entity: { id, updatedAt: '', version, ...{ text } }, version, updatedAt: '' } };
  for (const { slot } of replica.apply({ type: 'feed', collection: 'tasks', changes: [change] })) {
    pages.assign(slot);
    pages.mark(slot);
  }
}

/** Everything that is stored, by page. */
function contents(pages: Pages): ReadonlyMap<number, Json> {
  return new Map([...pages.dirty()].map((page) => [page, pages.content(page, ({ state }) => state)]));
}

const sizes = (stored: ReadonlyMap<number, Json>): readonly number[] =>
  [...stored.values()].map((content) => JSON.stringify(content).length);

function reopen(stored: ReadonlyMap<number, Json>): { replica: Replica; pages: Pages } {
  const replica = createReplica();
  const pages = createPages();
  for (const [page, content] of stored) pages.load(page, content, replica);
  return { replica, pages };
}

describe('G15 a page is bounded in bytes', () => {
  const most = 262_144 + 6 * 1_024;

  it('G15 over any number of starts', () => {
    let stored: ReadonlyMap<number, Json> = new Map();
    for (let life = 0; life < 10; life += 1) {
      const { replica, pages } = reopen(stored);
      const ids = Array.from({ length: 20 }, (_, id) => named(`${life}-`)(id));
      for (const id of ids) store(replica, pages, id, kilobytes(5));
      pages.markAll();
      stored = contents(pages);
    }
    expect(sizes(stored).filter((size) => size > most)).toEqual([]);
    expect(stored.size).toBe(4);
  });

  it('G15 also where rows grow after they got their place', () => {
    const { replica, pages } = reopen(new Map());
    const ids = Array.from({ length: 40 }, (_, id) => named('grows')(id));
    for (const id of ids) store(replica, pages, id, '');
    for (const id of ids) store(replica, pages, id, kilobytes(7));
    contents(pages);
    for (const id of ids) store(replica, pages, { id: `later${id.id}` }, '');
    expect(sizes(contents(pages)).length).toBe(2);
  });

  it('G15 fills the page that has the most room, in whatever order pages are read', () => {
    const first = reopen(new Map());
    const ids = Array.from({ length: 60 }, (_, id) => named('row')(id));
    for (const id of ids) store(first.replica, first.pages, id, kilobytes(5));
    const stored = contents(first.pages);
    expect(stored.size).toBe(2);
    const { replica, pages } = reopen(new Map([...stored].toReversed()));
    store(replica, pages, { id: 'new' }, '');
    expect([...pages.dirty()]).toEqual([1]);
  });
});
