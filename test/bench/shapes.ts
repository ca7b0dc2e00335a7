import { indexes } from './entities.ts';

/** A document before and after a change. */
export interface Shape {
  readonly name: string;
  readonly before: object;
  readonly after: object;
  /** Nested or large: where copying only the path pays. */
  readonly isNested: boolean;
  readonly isRow: boolean;
}

const flat = Object.fromEntries(indexes(10).map((index) => [`field${index}`, `value ${index}`]));

function tree(branches: number, leaves: number): Record<string, Record<string, number>> {
  const leavesOf = () => Object.fromEntries(indexes(leaves).map((leaf) => [`leaf${leaf}`, leaf]));
  return Object.fromEntries(indexes(branches).map((branch) => [`branch${branch}`, leavesOf()]));
}

function withLeaf(before: ReturnType<typeof tree>, branch: string): object {
  const after = structuredClone(before);
  Object.assign(after[branch] ?? {}, { leaf1: 'changed' });
  return after;
}

const row = (index: number) => ({ id: `row-${index}`, text: `Row ${index}`, done: false, order: index });
const rows = { rows: indexes(1_000).map((index) => row(index)) };

/** The four shapes. After is a copy: nothing of it is shared with before. */
export const shapes: readonly Shape[] = [
  {
    name: '10 flat fields',
    before: flat,
    after: { ...flat, field3: 'changed' },
    isNested: false,
    isRow: false,
  },
  {
    name: '200 nested leaves',
    before: tree(20, 10),
    after: withLeaf(tree(20, 10), 'branch7'),
    isNested: true,
    isRow: false,
  },
  {
    name: '10,000 leaves',
    before: tree(100, 100),
    after: withLeaf(tree(100, 100), 'branch70'),
    isNested: true,
    isRow: false,
  },
  {
    name: 'a row at the head of 1,000',
    before: rows,
    after: structuredClone({ rows: [row(9_999), ...rows.rows] }),
    isNested: false,
    isRow: true,
  },
];
