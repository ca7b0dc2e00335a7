import type { ConflictRecord, Json } from 'syncline';
import { conflictRows, type ConflictRow } from './conflict-rows.ts';
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
    sidesTable(record),
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

function sidesTable(record: ConflictRecord): HTMLElement {
  const rows = conflictRows(record);
  const sides = ['Base', 'Local', 'Remote', 'Result'];
  const wholes = ([record.base, record.local, record.remote] as (Json | undefined)[]).concat(
    record.resolved as Json | undefined,
  );
  const head = element('tr', {}, element('th', { scope: 'col' }, 'Field'), ...sides.map(columnHead));
  const body = rows.map((row) =>
    element(
      'tr',
      { 'data-path': row.path, 'data-contested': String(row.contested) },
      element('th', { scope: 'row' }, row.path === '' ? 'Whole task' : fieldName(row.path)),
      ...valuesOf(row).map((value, index) =>
        element(
          'td',
          { 'data-side': sides[index] ?? '' },
          wholes[index] === null ? gone(index) : shown(value, index, record),
        ),
      ),
    ),
  );
  return element('table', {}, element('thead', {}, head), element('tbody', {}, ...body));
}

const columnHead = (name: string) => element('th', { scope: 'col' }, name);

const valuesOf = (row: ConflictRow) => [row.base, row.local, row.remote, row.result];

const fieldName = (path: string) => path.slice(1).replaceAll('/', ' › ').replaceAll('~1', '/').replaceAll('~0', '~');

const gone = (side: number) => element('span', { class: 'muted' }, side === 0 ? 'not there' : 'deleted');

function shown(value: Json | undefined, side: number, record: ConflictRecord): Node {
  if (side === 3 && record.status === 'open') return element('span', { class: 'muted' }, 'to be decided');
  if (value === undefined || value === null || value === '') return element('span', { class: 'muted' }, 'empty');
  if (Array.isArray(value)) return element('span', {}, value.map(itemText).join(', ') || '–');
  return element('span', {}, itemText(value));
}

function itemText(value: Json): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null && 'text' in value && typeof value['text'] === 'string') {
    return `“${value['text']}”`;
  }
  return JSON.stringify(value);
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
