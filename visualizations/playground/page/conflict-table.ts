import type { ConflictRecord, Json } from 'syncline';
import { conflictRows, type ConflictRow } from './conflict-rows.ts';
import { element } from './element.ts';

interface Side {
  readonly name: string;
  /** What stands in the side's cell instead of a value, when the whole entity is not there. */
  readonly absent: string | null;
  readonly valueOf: (row: ConflictRow) => Json | undefined;
}

function sidesOf(record: ConflictRecord): readonly Side[] {
  const absentIf = (isAbsent: boolean, text: string) => (isAbsent ? text : null);
  const resultText = record.status === 'open' ? 'to be decided' : absentIf(record.resolved === null, 'deleted');
  return [
    { name: 'Base', absent: absentIf(record.base === null, 'not there'), valueOf: (row) => row.base },
    { name: 'Local', absent: absentIf(record.local === null, 'deleted'), valueOf: (row) => row.local },
    { name: 'Remote', absent: absentIf(record.remote === null, 'deleted'), valueOf: (row) => row.remote },
    { name: 'Result', absent: resultText, valueOf: (row) => row.result },
  ];
}

/** Base, local, remote and result side by side, a row for each place that differs. */
export function createConflictTable(record: ConflictRecord): HTMLElement {
  const sides = sidesOf(record);
  const columnHead = (name: string) => element('th', { scope: 'col' }, name);
  const head = element('tr', {}, ...['Field', ...sides.map(({ name }) => name)].map(columnHead));
  const rows = conflictRows(record).map((row) =>
    element(
      'tr',
      { 'data-path': row.path, 'data-contested': String(row.contested) },
      element('th', { scope: 'row' }, placeName(row.path)),
      ...sides.map((side) => element('td', { 'data-side': side.name }, cell(side, row, unchangedIn(row, sides)))),
    ),
  );
  return element('table', {}, element('thead', {}, head), element('tbody', {}, ...rows));
}

function placeName(path: string): string {
  if (path === '') return 'Whole task';
  return path.slice(1).replaceAll('/', ' › ').replaceAll('~1', '/').replaceAll('~0', '~');
}

/** The rows of a list that every side has alike, as JSON: they are counted, not repeated. */
function unchangedIn(row: ConflictRow, sides: readonly Side[]): ReadonlySet<string> {
  const lists = sides.filter(({ absent }) => absent === null).map((side) => side.valueOf(row));
  const [first, ...others] = lists.map((list) => (isList(list) ? list.filter(isRow).map(asJson) : []));
  return new Set(first?.filter((item) => others.every((other) => other.includes(item))));
}

function cell(side: Side, row: ConflictRow, unchanged: ReadonlySet<string>): HTMLElement {
  const text = side.absent ?? (row.path === '' ? 'there' : textOf(side.valueOf(row), unchanged));
  if (side.absent !== null) return element('span', { class: 'muted' }, text);
  return text === '' ? element('span', { class: 'muted' }, 'empty') : element('span', {}, text);
}

function textOf(value: Json | undefined, unchanged: ReadonlySet<string>): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  if (!isList(value)) return itemText(value);
  const changed = value.filter((item) => !unchanged.has(asJson(item))).map(itemText);
  return [...(unchanged.size > 0 ? [`${unchanged.size} unchanged`] : []), ...changed].join(', ');
}

const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);

const isRow = (value: Json) => typeof value === 'object' && value !== null;

const asJson = (value: Json) => JSON.stringify(value);

function itemText(value: Json): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null && 'text' in value && typeof value['text'] === 'string') {
    return `“${value['text']}”`;
  }
  return JSON.stringify(value);
}
