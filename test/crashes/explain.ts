import { createFileStorage } from '../../src/node/index.ts';
import type { NetworkClient } from './network-client.ts';

/** An entity as messages name it. */
interface Place {
  readonly collection: string;
  readonly id: string;
}

const longest = 300;
const short = (value: unknown): string => JSON.stringify(value).slice(0, longest);

/** Everything that a client has stored about the entities, oldest first, and where its feeds are: one line each. */
export async function explain(client: NetworkClient, folder: string, places: readonly Place[]): Promise<string> {
  const storage = createFileStorage(folder);
  const lines: string[] = [];
  for (const key of (await storage.keys()).toSorted()) {
    const record = await storage.getItem<string>(key);
    const told = linesOf(record === null ? null : contentOf(record), places);
    lines.push(...told.map((line) => `  ${key.split('/').slice(-3).join('/')} ${line}`));
  }
  const conflicts = client.sync.conflicts.list().filter(({ status }) => status === 'open');
  return [`${client.name}: ${short(client.sync.getSnapshot())}`, ...conflicts.map(short), ...lines].join('\n');
}

/** A record is a mark, a checksum and JSON. */
function contentOf(record: string): unknown {
  return JSON.parse(record.split(' ').slice(2).join(' '));
}

type Change = { readonly id: string };
type Entry = Place & { readonly type: string; readonly changes?: readonly Change[]; readonly cursor?: string };

function linesOf(content: unknown, places: readonly Place[]): readonly string[] {
  if (Array.isArray(content)) return (content as readonly Entry[]).flatMap((entry) => lineOf(entry, places));
  const { content: page, ...rest } = (content ?? {}) as { content?: { collection: string; rows: readonly [string][] } };
  if (!page) return [short(rest)];
  const isMeant = (row: readonly [string]) =>
    places.some((at) => at.collection === page.collection && at.id === row[0]);
  return page.rows.filter(isMeant).map((row) => short([page.collection, ...row]));
}

function lineOf(entry: Entry, places: readonly Place[]): readonly string[] {
  const isMeant = (id: string) => places.some((at) => at.collection === entry.collection && at.id === id);
  if (entry.type === 'entity') return isMeant(entry.id) ? [short(entry)] : [];
  if (entry.type !== 'feed') return [short(entry)];
  const changes = entry.changes?.filter(({ id }) => isMeant(id)) ?? [];
  if (changes.length === 0 && entry.cursor === undefined) return [];
  return [short({ ...entry, changes })];
}
