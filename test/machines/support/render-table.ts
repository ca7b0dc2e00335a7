import type { Cell, MachineTable } from './table.ts';

/** A table as Markdown: a row per event, a column per state. */
export function renderTable(table: MachineTable): string {
  const states = Object.keys(table.cells);
  const events = Object.values(table.columns).flatMap((cases) => Object.keys(cases));
  const rows = events.map((name) => [
    name,
    ...states.map((state) => renderCell(table.cells[state]?.[name] ?? 'never')),
  ]);
  return `### ${table.title}\n\n${renderRows([['', ...states], ...rows])}`;
}

function renderCell(cell: Cell): string {
  const [verdict, ...sent] = typeof cell === 'string' ? [cell] : cell;
  if (verdict === 'never') return '';
  return sent.length === 0 ? verdict : `${verdict} (${sent.join(', ')})`;
}

function renderRows(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  const widths = head.map((_, column) => Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |\n`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('');
}
