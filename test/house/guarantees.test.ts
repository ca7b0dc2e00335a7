import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { findWearers } from '../../scripts/test-titles.mjs';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(fileURLToPath(new URL(path, root)), 'utf8');

const guarantees = read('docs/guarantees.md');
const wearers = await findWearers();

const idsOf = (text: string): string[] => [...text.matchAll(/\b[GS]\d{1,2}\b/g)].map(([id]) => id);
const filesOf = (text: string): string[] => [...text.matchAll(/`(test\/[^`]+)`/g)].map(([, file = '']) => file);
const faults = [...guarantees.matchAll(/^\| (.+?) +\| (.+?) +\| ([GS]\d.*?) +\|$/gm)].map(
  ([, fault = '', , by = '']) => ({
    fault,
    ids: idsOf(by),
    files: filesOf(by),
  }),
);

describe('docs/guarantees.md', () => {
  test('has the promises G1 to G24 of the README in order, once each', () => {
    const ids = (text: string) => [...text.matchAll(/^\| (G\d+) /gm)].map(([, id]) => id);
    expect(ids(guarantees)).toEqual(Array.from({ length: 24 }, (_, index) => `G${index + 1}`));
    expect(ids(read('README.md'))).toEqual(ids(guarantees));
  });

  test('names no id that no test wears', () => {
    expect([...new Set(idsOf(guarantees))].filter((id) => !wearers.has(id))).toEqual([]);
  });

  test('cites tests that exist and wear the id', () => {
    const citations = [...guarantees.matchAll(/^- (G\d+): (.*)$/gm)].flatMap(([, id = '', files = '']) =>
      [...files.matchAll(/`([^`]+)`/g)].map(([, file = '']) => ({ id, file })),
    );
    expect(citations.length).toBeGreaterThan(100);
    expect(citations.filter(({ id, file }) => !wearers.get(id)?.includes(file))).toEqual([]);
  });

  test('has for every fault tests that wear its ids, and for every id of a fault one of its tests', () => {
    expect(faults.length).toBeGreaterThanOrEqual(33);
    const strangers = faults.flatMap(({ fault, ids, files }) =>
      files.filter((file) => !ids.some((id) => wearers.get(id)?.includes(file))).map((file) => ({ fault, file })),
    );
    const unshown = faults.flatMap(({ fault, ids, files }) =>
      ids.filter((id) => !files.some((file) => wearers.get(id)?.includes(file))).map((id) => ({ fault, id })),
    );
    expect({ strangers, unshown }).toEqual({ strangers: [], unshown: [] });
  });
});
