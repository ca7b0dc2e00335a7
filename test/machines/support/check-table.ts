import { describe, expect, test } from 'vitest';
import { keyOf } from './stimulus.ts';
import { leafOf } from './step.ts';
import { casesOf, observeRow, reach, stimuliOfCase, type MachineTable } from './table.ts';

/** Compares every cell of a table with what the machine does. */
export function checkTable(table: MachineTable): void {
  describe(table.title, () => {
    test.each(Object.keys(table.cells))(`${table.rules} ${table.title}: %s`, (row) => {
      expect(leafOf(reach(table, row))).toEqual(row);
      expect(observeRow(table, row)).toEqual(table.cells[row]);
    });

    test(`${table.rules} ${table.title}: each case shows the kind it stands under`, () => {
      const shown = Object.entries(table.columns).flatMap(([key, cases]) =>
        Object.values(cases).map((stimuli) => [key, stimuliOfCase(stimuli).map(keyOf).at(-1)]),
      );
      expect(shown.filter(([key, last]) => key !== last)).toEqual([]);
      expect(shown).toHaveLength(casesOf(table).size);
    });
  });
}
