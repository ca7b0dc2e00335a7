import { expect, test } from 'vitest';
import { merge } from '../../src/core/merge.ts';

const policies = { '/n': 'counter', '/rows/*/n': 'counter' } as const;

test('two changes of a counter that are alike both count, and are told as a conflict', () => {
  const { merged, conflicts } = merge({ n: 5, o: 1 }, { n: 6, o: 2 }, { n: 6, o: 2 }, { policies });
  expect(merged).toEqual({ n: 7, o: 2 });
  expect(conflicts).toEqual([{ path: '/n', base: 5, local: 6, remote: 6 }]);
});

test('the same in a row', () => {
  const rows = (n: number) => ({ rows: [{ id: 'a', n, t: 'x' }] });
  expect(merge(rows(1), rows(2), rows(2), { policies }).merged).toEqual(rows(3));
});

test('everything else that is alike is one change', () => {
  const sides = [
    { n: 5, o: { a: 1 } },
    { n: 5, o: { a: 2 } },
    { n: 5, o: { a: 2 } },
  ] as const;
  expect(merge(...sides, { policies })).toEqual({ merged: { n: 5, o: { a: 2 } }, conflicts: [] });
  expect(merge({ n: 5 }, {}, {}, { policies })).toEqual({ merged: {}, conflicts: [] });
});
