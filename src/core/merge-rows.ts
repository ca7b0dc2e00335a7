import { decideField, type Side, type Sides } from './decide-field.ts';
import type { PolicyScope } from './field-policy.ts';
import type { Json } from './json.ts';
import { type Merging, noteConflict } from './merge-context.ts';
import { movedSides, type Orders, weaveOrders } from './merge-order.ts';
import { indexRows, type RowId } from './rows.ts';

interface Rows {
  readonly elements: readonly Json[];
  readonly positions: ReadonlyMap<RowId, number>;
}

/** The three sides of an array whose elements are told apart by their ids. */
export interface RowSides {
  readonly base: Rows;
  readonly local: Rows;
  readonly remote: Rows;
}

function readRows(value: Json | undefined): Rows | null {
  const elements = Array.isArray(value) ? (value as readonly Json[]) : null;
  const positions = elements && indexRows(elements);
  return elements && positions && { elements, positions };
}

/** The sides as rows, or null when one of them is no array of objects with ids of their own. No base counts as empty. */
export function readRowSides(sides: Sides): RowSides | null {
  const local = readRows(sides.local);
  const remote = local && readRows(sides.remote);
  const base = remote && readRows(sides.base ?? []);
  return local && remote && base && { base, local, remote };
}

function rowOf(rows: Rows, id: RowId): Json | undefined {
  const position = rows.positions.get(id);
  return position === undefined ? undefined : rows.elements[position];
}

function ordersOf({ base, local, remote }: RowSides): Orders {
  return { base: [...base.positions.keys()], local: [...local.positions.keys()], remote: [...remote.positions.keys()] };
}

/** The side whose order counts; where both moved rows it is noted as a conflict of the array. */
function firstSide(merging: Merging, orders: Orders, sides: Sides, path: string): Side {
  const moved = movedSides(orders);
  if (moved !== 'both') return moved === 'local' ? 'local' : 'remote';
  const { value, manual } = decideField(sides, merging.otherwise, 'remote');
  noteConflict(merging, sides, path, manual);
  return value === sides.local ? 'local' : 'remote';
}

/**
 * Merges arrays of rows by id: what either side put in, took out or edited is kept. The order is the remote one, unless
 * only the local side moved rows; rows of the other side follow the row they followed there.
 */
export function mergeRows(merging: Merging, rows: RowSides, sides: Sides, path: string, scope: PolicyScope): Json {
  const orders = ordersOf(rows);
  const first = firstSide(merging, orders, sides, path);
  const merged: Json[] = [];
  for (const id of weaveOrders(orders, first)) {
    const token = String(rows.remote.positions.get(id) ?? rows.local.positions.get(id));
    const row = { base: rowOf(rows.base, id), local: rowOf(rows.local, id), remote: rowOf(rows.remote, id) };
    const result = merging.mergeAt(row, `${path}/${token}`, scope.child(token));
    if (result !== undefined) merged.push(result);
  }
  return merged;
}
