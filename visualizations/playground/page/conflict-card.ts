import type { ConflictRecord } from 'syncline';
import { createConflictTable } from './conflict-table.ts';
import { element } from './element.ts';
import { strategyNames } from './settings.ts';

export type Decide = (choice: 'local' | 'remote') => void;

/** One conflict: what was there, what each side made of it and what became of it. Open ones can be decided. */
export function createConflictCard(record: ConflictRecord, decide: Decide): HTMLElement {
  const open = record.status === 'open';
  return element(
    'article',
    {
      class: 'conflict',
      'data-testid': `conflict-${record.id}`,
      'data-status': record.status,
      'data-strategy': record.strategy,
    },
    element(
      'header',
      {},
      element('span', { class: 'badge', 'data-status': open ? 'conflicted' : 'synced' }, open ? 'Open' : 'Resolved'),
      element('h4', {}, titleOf(record)),
      element('span', { class: 'muted' }, explanationOf(record)),
      element(
        'time',
        { class: 'muted', datetime: record.detectedAt },
        new Date(record.detectedAt).toLocaleTimeString(),
      ),
    ),
    createConflictTable(record),
    ...(open ? [decisionButtons(decide)] : []),
  );
}

function titleOf({ local, remote, base }: ConflictRecord): string {
  for (const side of [local, remote, base]) {
    if (side !== null && 'title' in side && typeof side.title === 'string' && side.title !== '') return side.title;
  }
  return 'Untitled task';
}

function explanationOf(record: ConflictRecord): string {
  const strategy = record.strategy === 'custom' ? 'Custom' : strategyNames[record.strategy];
  if (record.local === null) return `Deleted here, edited elsewhere · ${strategy}`;
  if (record.remote === null) return `Edited here, deleted elsewhere · ${strategy}`;
  return record.paths.length === 0 ? `Different fields · ${strategy}` : `Same field · ${strategy}`;
}

function decisionButtons(decide: Decide): HTMLElement {
  const button = (name: string, choice: 'local' | 'remote') =>
    element(
      'button',
      { type: 'button', class: 'button', 'data-testid': `keep-${choice}`, onclick: () => decide(choice) },
      name,
    );
  return element('div', { class: 'decision' }, button('Keep local', 'local'), button('Take remote', 'remote'));
}
