/** A row of a list, as a backend of its own keeps it. */
export interface StoredRow {
  readonly id: string;
  readonly text: string;
  readonly updatedAt: string;
  readonly rev: number;
}

/** A backend that lists: what it holds, and what happens while it is read. */
export interface ListServer {
  readonly rows: Map<string, StoredRow>;
  /** Addresses asked for, without their host. */
  readonly asked: string[];
  /** Writes a row at the server's time, which the call moves on by some milliseconds; its stamp may be some older. */
  write(id: string, text: string, laterByMs?: number, stampedBeforeMs?: number): void;
  remove(id: string): void;
  /** Called before each answer. */
  beforeAnswer: (() => void) | null;
  readonly nowMs: number;
  fetch(url: string): Promise<Response>;
}

const startMs = Date.parse('2026-01-01T00:00:00.000Z');

/** Lists `/rows` by `sort=id|time`, `page`, `offset`, `after`, `since` and `limit`; gives `/rows/{id}`. */
export function createListServer(most = Infinity): ListServer {
  let nowMs = startMs;
  let revision = 0;
  const rows = new Map<string, StoredRow>();
  const server: ListServer = {
    rows,
    asked: [],
    beforeAnswer: null,
    get nowMs() {
      return nowMs;
    },
    write(id, text, laterByMs = 1, stampedBeforeMs = 0) {
      nowMs += laterByMs;
      revision += 1;
      rows.set(id, { id, text, updatedAt: new Date(nowMs - stampedBeforeMs).toISOString(), rev: revision });
    },
    remove: (id) => void rows.delete(id),
    async fetch(address) {
      const { pathname, searchParams, search } = new URL(address);
      server.asked.push(`${pathname}${search}`);
      server.beforeAnswer?.();
      const id = pathname.split('/')[2];
      if (id !== undefined) return answer(rows.get(id) ?? null, rows.size);
      return answer(pageOf([...rows.values()], searchParams, most), rows.size);
    },
  };
  return server;
}

function pageOf(rows: readonly StoredRow[], query: URLSearchParams, most: number): readonly StoredRow[] {
  const limit = Math.min(Number(query.get('limit') ?? Infinity), most);
  const since = query.get('since') ?? '';
  const after = query.get('after');
  const byId = (a: StoredRow, b: StoredRow) => (a.id < b.id ? -1 : 1);
  const byTime = (a: StoredRow, b: StoredRow) => a.updatedAt.localeCompare(b.updatedAt) || byId(a, b);
  const isAfter = (row: StoredRow) =>
    query.get('sort') === 'time'
      ? row.updatedAt > since || (row.updatedAt === since && row.id > (after ?? ''))
      : row.id > (after ?? '');
  const found = rows
    .filter((row) => (after === null ? row.updatedAt >= since : isAfter(row)))
    .toSorted(query.get('sort') === 'time' ? byTime : byId);
  const start = Number(query.get('offset') ?? (Number(query.get('page') ?? 1) - 1) * limit) || 0;
  return found.slice(start, limit === Infinity ? undefined : start + limit);
}

function answer(body: StoredRow | readonly StoredRow[] | null, total: number): Response {
  const headers = { 'Content-Type': 'application/json', 'X-Total-Count': `${total}` };
  return new Response(JSON.stringify(body ?? {}), { status: body === null ? 404 : 200, headers });
}
