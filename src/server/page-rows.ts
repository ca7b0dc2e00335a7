import type { JsonObject } from '../core/json.ts';

const rowsAtOnce = 50;

interface Row {
  readonly entity: JsonObject | null;
}

/** Rows of one page, and whether there are more. */
export interface PageRows<R> {
  readonly rows: readonly R[];
  readonly hasMore: boolean;
}

/**
 * Reads rows in small steps until there are `limit`, or their entities have `bytesMax` characters of JSON: what one page
 * holds in memory is bounded, however large the entities are. At least one row, if there is one.
 */
export async function readPageRows<R extends Row>(
  read: (last: R | null, limit: number) => Promise<readonly R[]>,
  { limit, bytesMax }: { readonly limit: number; readonly bytesMax: number },
): Promise<PageRows<R>> {
  const rows: R[] = [];
  let size = 0;
  for (;;) {
    const wanted = Math.min(rowsAtOnce, limit + 1 - rows.length);
    const found = await read(rows.at(-1) ?? null, wanted);
    for (const row of found) {
      if (rows.length === limit || size >= bytesMax) return { rows, hasMore: true };
      rows.push(row);
      size += JSON.stringify(row.entity).length;
    }
    if (found.length < wanted) return { rows, hasMore: false };
  }
}
