import type { ConflictRecord } from 'syncline';
import { createConflictCard } from './conflict-card.ts';
import { element } from './element.ts';
import { placeInOrder } from './place-in-order.ts';
import type { BoardService } from './service.ts';

export interface ConflictPanel {
  readonly element: HTMLElement;
  close(): void;
}

const shownAtMost = 50;

/** The conflicts of one client, newest first, with base, local, remote and result of each. */
export function createConflictPanel(sync: BoardService, report: (failure: unknown) => void): ConflictPanel {
  const count = element('span', { class: 'count' });
  const empty = element(
    'p',
    { class: 'muted empty' },
    'None yet. Pull a plug, edit the same field on both sides, and plug it in again.',
  );
  const list = element('div', { class: 'conflict-list' });
  const shown = new Map<string, { readonly record: ConflictRecord; readonly card: HTMLElement }>();

  const cardOf = (record: ConflictRecord) => {
    const known = shown.get(record.id);
    if (known?.record === record) return known.card;
    const card = createConflictCard(record, (choice) => {
      sync.conflicts.resolve(record.id, choice).catch(report);
    });
    known?.card.replaceWith(card);
    shown.set(record.id, { record, card });
    return card;
  };

  const show = (records: readonly ConflictRecord[]) => {
    const newest = records.slice(0, shownAtMost);
    const present = new Set(newest.map((record) => record.id));
    for (const [id, { card }] of shown) {
      if (present.has(id)) continue;
      card.remove();
      shown.delete(id);
    }
    placeInOrder(list, newest.map(cardOf));
    count.textContent = String(records.length);
    empty.hidden = records.length > 0;
  };

  const subscription = sync.conflicts.records$.subscribe(show);
  const heading = element('h3', {}, 'Conflicts', count);
  return {
    element: element('section', { class: 'conflicts', 'data-testid': 'conflicts' }, heading, empty, list),
    close: () => subscription.unsubscribe(),
  };
}
