import { isDeepStrictEqual } from 'node:util';
import type { ChangeJson } from '../../src/server/change-json.ts';
import { counter, deletedWith, tally, type Shown } from './workload.ts';

/** What the workload has done to a server, by the server's own history. */
export interface Effects {
  readonly shown: Shown;
  /** What must not have happened; the first is the one to look at. */
  readonly faults: readonly string[];
}

const headers = { 'content-type': 'application/json', 'sync-client': 'test' };

/** Makes an entity on the server, past all clients. */
export async function create(
  url: string,
  collection: string,
  entity: { readonly id: string; readonly [field: string]: unknown },
): Promise<void> {
  const answer = await fetch(`${url}/v1/${collection}/${entity.id}`, {
    method: 'PUT',
    headers: { ...headers, 'idempotency-key': `"${collection}-${entity.id}"`, 'if-none-match': '*' },
    body: JSON.stringify(entity),
  });
  if (answer.status !== 201) throw new Error(`The entity is refused: ${answer.status}`);
}

/** Makes what all clients share, which each waits for. */
export async function createShared(url: string): Promise<void> {
  await create(url, tally.collection, { id: tally.id });
  await create(url, counter.collection, { id: counter.id, count: 0 });
}

/** Reads the whole history of a server. `durable`: the rows whose writers were told that they are. */
export async function readEffects(url: string, durable: Iterable<string>): Promise<Effects> {
  const history = await readHistory(url);
  const made = history.filter(({ collection, deleted }) => collection === 'rows' && !deleted).map(({ id }) => id);
  const gone = new Set(history.filter(({ deleted }) => deleted).map(({ id }) => id));
  const states = history.filter(({ id }) => id === tally.id).map(({ entity }) => entity);
  const count = history.findLast(({ id }) => id === counter.id)?.entity?.['count'] ?? null;
  const ids = made.filter((id) => !gone.has(id)).toSorted(inCodeUnitOrder);
  const written = new Set(made.flatMap((id) => [id, deletedWith(id) ?? id]));
  const { updatedAt: _, version: __, ...last } = { ...states.at(-1) };
  return {
    shown: { rows: ids, tally: last, count },
    faults: [
      ...lost(written, durable),
      ...undeleted(ids, durable),
      ...repeated(history),
      ...reordered(states),
      ...(count === written.size ? [] : [`G2 ${written.size} rows are counted as ${JSON.stringify(count)}`]),
    ],
  };
}

/** The entities in which what a client shows differs from what the server has. */
export function differing(
  shown: Shown,
  wanted: Shown,
): readonly { readonly collection: string; readonly id: string }[] {
  const [here, there] = [new Set(shown.rows), new Set(wanted.rows)];
  const rows = [...here, ...there].filter((id) => here.has(id) !== there.has(id));
  return [
    ...rows.map((id) => ({ collection: 'rows', id })),
    ...(shown.count === wanted.count ? [] : [counter]),
    ...(isDeepStrictEqual(shown.tally, wanted.tally) ? [] : [tally]),
  ];
}

/** How what a client shows differs from what the server has. */
export function differences(shown: Shown, wanted: Shown): readonly string[] {
  const [here, there] = [new Set(shown.rows), new Set(wanted.rows)];
  return [
    ...wanted.rows.filter((id) => !here.has(id)).map((id) => `${id} is not shown`),
    ...shown.rows.filter((id) => !there.has(id)).map((id) => `${id} is shown and not on the server`),
    ...(shown.count === wanted.count ? [] : [`the count ${JSON.stringify([shown.count, wanted.count])}`]),
    ...(isDeepStrictEqual(shown.tally, wanted.tally)
      ? []
      : [`the tally ${JSON.stringify([shown.tally, wanted.tally])}`]),
  ];
}

/** Every change that a server has ever made, in order. */
export async function readHistory(url: string): Promise<readonly ChangeJson[]> {
  const { epoch } = (await (await fetch(`${url}/v1/health?nonce=history`)).json()) as { epoch: string };
  const history: ChangeJson[] = [];
  for (let since = `${epoch}.0`; ;) {
    const answer = await fetch(`${url}/v1/changes?limit=1000&since=${since}`);
    const page = (await answer.json()) as { changes: ChangeJson[]; cursor: string; hasMore: boolean };
    history.push(...page.changes);
    if (!page.hasMore) return history;
    since = page.cursor;
  }
}

/** A row that is deleted before it was sent never comes to the server: it is known by the row that came with its deletion. */
function lost(written: ReadonlySet<string>, durable: Iterable<string>): readonly string[] {
  return [...durable].filter((id) => !written.has(id)).map((id) => `G1 ${id} was durable and is not on the server`);
}

function undeleted(ids: readonly string[], durable: Iterable<string>): readonly string[] {
  const there = new Set(ids);
  return [...durable]
    .map(deletedWith)
    .flatMap((id) => (id !== null && there.has(id) ? [`G1 ${id} was durably deleted and is on the server`] : []));
}

function repeated(history: readonly ChangeJson[]): readonly string[] {
  const versions = new Map<string, number>();
  const keys = new Set<string>();
  return history.flatMap(({ collection, id, deleted, version, idempotencyKey }) => {
    const place = `${collection}/${id}`;
    const isNext =
      version === (versions.get(place) ?? 0) + 1 && (collection !== 'rows' || version === (deleted ? 2 : 1));
    const isFirst = !keys.has(idempotencyKey);
    versions.set(place, version);
    keys.add(idempotencyKey);
    return isNext && isFirst ? [] : [`G2 ${place} has version ${version} by ${idempotencyKey} a second time`];
  });
}

/** The number that a life leaves in the tally only ever grows. */
function reordered(states: readonly ChangeJson['entity'][]): readonly string[] {
  return states.flatMap((state, at) => {
    const before: Readonly<Record<string, unknown>> = states[at - 1] ?? {};
    return Object.entries({ ...before, ...state })
      .filter(([life]) => !['id', 'updatedAt', 'version'].includes(life))
      .filter(([life]) => Number(state?.[life] ?? 0) < Number(before[life] ?? 0))
      .map(([life, value]) => `G3 ${life} goes back from ${String(before[life])} to ${String(value)}`);
  });
}

const inCodeUnitOrder = (a: string, b: string): number => (a < b ? -1 : 1);
