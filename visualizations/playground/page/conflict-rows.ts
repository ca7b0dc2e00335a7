import { createDiffCalculator, type ConflictRecord, type Json } from 'syncline';

/** One place in an entity, as each side has it. Undefined: it is not there. */
export interface ConflictRow {
  /** JSON Pointer; empty for the whole entity. */
  readonly path: string;
  /** Both sides changed it. */
  readonly contested: boolean;
  readonly base: Json | undefined;
  readonly local: Json | undefined;
  readonly remote: Json | undefined;
  readonly result: Json | undefined;
}

const diff = createDiffCalculator();
const metadata = ['/updatedAt', '/version'];

/** What a conflict is about: the contested places first, then what one side changed; the whole entity if that is all there is. */
export function conflictRows(record: ConflictRecord): readonly ConflictRow[] {
  const [base, local, remote, result] = [record.base, record.local, record.remote, record.resolved] as Json[];
  const row = (path: string, contested: boolean): ConflictRow => ({
    path,
    contested,
    base: valueAt(base, path),
    local: valueAt(local, path),
    remote: valueAt(remote, path),
    result: valueAt(result, path),
  });
  const contested = record.paths.filter((path) => path !== '');
  const changed = new Set([...changedPlaces(base, local), ...changedPlaces(base, remote)]);
  const oneSided = [...changed].filter((path) => !contested.some((other) => overlaps(path, other)));
  const rows = [...contested.map((path) => row(path, true)), ...oneSided.toSorted().map((path) => row(path, false))];
  return rows.length === 0 ? [row('', true)] : rows;
}

/** The places where two states differ. Rows and tags are shown as the list that holds them: positions mean nothing to a reader. */
function changedPlaces(before: Json | undefined, after: Json | undefined): readonly string[] {
  if (!isObject(before) || !isObject(after)) return [];
  const places = diff.diff(before, after).map(({ path }) => listAround(before, after, path));
  return places.filter((path) => !metadata.includes(path));
}

function listAround(before: Json, after: Json, path: string): string {
  const tokens = path.split('/');
  for (let length = 1; length < tokens.length; length += 1) {
    const parent = tokens.slice(0, length).join('/');
    if (Array.isArray(valueAt(before, parent)) || Array.isArray(valueAt(after, parent))) return parent;
  }
  return path;
}

const overlaps = (a: string, b: string) => a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`);

const isObject = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Follows a JSON Pointer; a token that is no index names the row of a list with that id. */
function valueAt(document: Json | undefined, pointer: string): Json | undefined {
  let value = document;
  for (const token of pointer.split('/').slice(1)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(value))
      value = value.find((row: Json) => isObject(row) && row['id'] === key) ?? value[Number(key)];
    else value = isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  }
  return value;
}
