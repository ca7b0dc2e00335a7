import type { ConflictRecord } from '../core/conflict.ts';
import type { Base, ISyncEntity } from '../core/entity.ts';
import type { Json, JsonPatch, JsonPatchOperation } from '../core/json.ts';
import type { SyncErrorInfo } from '../core/errors.ts';
import { formatPointer, parsePointer } from '../core/pointer.ts';
import type { EntityState, EntityWork } from './entity-state.ts';
import type { Draft, EntityStep, JournalEntry, SealedRequest, StoredOperation, ToldPatch, ToldState } from './entry.ts';
import { cutAt, fillAt, hasAt, readExcluded, startsWith, type Tokens } from './excluded-paths.ts';

/** Cuts what must not be stored out of everything that is (S32). */
export interface Redaction {
  entry(entry: JournalEntry): JournalEntry;
  state(collection: string, state: EntityState): EntityState;
  record(record: ConflictRecord): ConflictRecord;
  /** The entity, with the excluded values of `from` where it has none of its own. */
  fill<T extends Json>(collection: string, entity: T, from: () => Json): T;
}

/** `excluded`: the JSON Pointers of a collection. */
export function createRedaction(excluded: (collection: string) => readonly string[]): Redaction {
  const cache = new Map<string, readonly Tokens[]>();

  function pointersOf(collection: string): readonly Tokens[] {
    let pointers = cache.get(collection);
    if (!pointers) cache.set(collection, (pointers = excluded(collection).map(readExcluded)));
    return pointers;
  }

  return {
    entry(entry) {
      if (entry.type === 'epoch' || entry.type === 'imported' || entry.type === 'reign') return entry;
      const pointers = pointersOf(entry.collection);
      if (entry.type === 'feed') return storedFeed(entry, pointers);
      if (pointers.length === 0) return entry;
      if (entry.type === 'entity') return { ...entry, step: cutMembers(entry.step, pointers) };
      return cutMembers(entry, pointers);
    },
    state(collection, state) {
      const pointers = pointersOf(collection);
      return pointers.length === 0 ? state : cutMembers(state, pointers);
    },
    record: (record) => cutRecord(record, pointersOf(record.collection)),
    fill(collection, entity, from) {
      const pointers = pointersOf(collection);
      if (pointers.length === 0) return entity;
      const source = from();
      return pointers.reduce<Json>((filled, pointer) => fillAt(filled, source, pointer), entity) as typeof entity;
    },
  };
}

/** A change is stored as it was told. What is cut is stored whole: nothing could be made of it with a change. */
function storedFeed(entry: JournalEntry & { type: 'feed' }, pointers: readonly Tokens[]): JournalEntry {
  if (pointers.length > 0) return { ...entry, changes: entry.changes.map((change) => cutTold(change, pointers)) };
  if (!entry.changes.some((change) => 'patched' in change)) return entry;
  return { ...entry, changes: entry.changes.map((change) => ('patched' in change ? change.patched : change)) };
}

function cutTold(told: ToldState | ToldPatch, pointers: readonly Tokens[]): ToldState | ToldPatch {
  if (!('base' in told)) return cutToldPatch(told, pointers);
  const { patched: _, ...state } = told;
  return { ...state, base: cutBase(state.base, pointers) };
}

function cutToldPatch(told: ToldPatch, pointers: readonly Tokens[]): ToldPatch {
  return { ...told, patch: cutPatch(told.patch, pointers) };
}

type MemberOf<T> = T extends unknown ? keyof T : never;

/** Members that hold nothing of an entity's content. */
type PlainMember =
  | 'type'
  | 'collection'
  | 'id'
  | 'key'
  | 'at'
  | 'trusted'
  | 'looked'
  | 'operationId'
  | 'operationIds'
  | 'conflict'
  | 'rounds'
  | 'supersededBy';

type ContentMember = Exclude<MemberOf<Draft | EntityStep | EntityState | EntityWork>, PlainMember>;

/** How each member is cut, wherever it stands. */
const cuts: Readonly<Record<ContentMember, (value: never, pointers: readonly Tokens[]) => unknown>> = {
  base: cutBase,
  remote: cutBase,
  foreign: cutBase,
  against: cutBase,
  openedOn: cutBase,
  on: cutBase,
  before: cutEntity,
  view: cutEntity,
  work: cutMembers,
  pending: (operations: readonly StoredOperation[], pointers) =>
    operations.map((operation) => cutOperation(operation, pointers)),
  operation: cutOperation,
  request: cutRequest,
  record: cutRecord,
  told: cutToldPatch,
  error: cutWords,
  refusal: cutWords,
};

function cutMembers<T extends Draft | EntityStep | EntityState | EntityWork>(whole: T, pointers: readonly Tokens[]): T {
  const members = Object.entries(whole).map(([name, value]: [string, unknown]) => {
    const isContent = value !== null && Object.hasOwn(cuts, name);
    return [name, isContent ? cuts[name as ContentMember](value as never, pointers) : value];
  });
  return Object.fromEntries(members) as T;
}

function cutBase(base: Base, pointers: readonly Tokens[]): Base {
  const { entity } = base;
  const told = pointers.filter((pointer) => hasAt(entity as unknown as Json, pointer)).map(formatPointer);
  if (told.length === 0) return base;
  return { ...base, entity: cutEntity(entity, pointers), cut: [...new Set([...(base.cut ?? []), ...told])] };
}

/** What a backend says of a refusal may repeat what it refuses. */
function cutWords(error: SyncErrorInfo): SyncErrorInfo {
  if (error.code === 'excluded-lost') return error;
  const message = 'The backend refused the operation. What it said is not stored where fields are excluded.';
  return { code: error.code, message, ...(error.status === undefined ? {} : { status: error.status }) };
}

function cutRecord(record: ConflictRecord, pointers: readonly Tokens[]): ConflictRecord {
  if (pointers.length === 0) return record;
  const cut = {
    ...record,
    base: cutEntity(record.base, pointers),
    local: cutEntity(record.local, pointers),
    remote: cutEntity(record.remote, pointers),
    paths: [...new Set(record.paths.map((path) => cutPath(path, pointers)))],
  };
  return record.resolved === undefined ? cut : { ...cut, resolved: cutEntity(record.resolved, pointers) };
}

/** What lies under an excluded pointer may have telling names. */
function cutPath(path: string, pointers: readonly Tokens[]): string {
  const tokens = parsePointer(path);
  const pointer = pointers.find((each) => startsWith(tokens, each));
  return pointer ? formatPointer(pointer) : path;
}

function cutOperation(operation: StoredOperation, pointers: readonly Tokens[]): StoredOperation {
  const { entity, patch, lost: before = [] } = operation;
  const lost = pointers.filter(
    (pointer) => (entity && hasAt(entity as unknown as Json, pointer)) || patch?.some((each) => touches(each, pointer)),
  );
  if (lost.length === 0) return operation;
  const told = new Set([...before, ...lost.map(formatPointer)]);
  return {
    ...operation,
    ...(entity ? { entity: cutEntity(entity, pointers) as ISyncEntity } : {}),
    ...(patch ? { patch: cutPatch(patch, pointers) } : {}),
    lost: [...told],
  };
}

function cutRequest(request: SealedRequest, pointers: readonly Tokens[]): SealedRequest {
  const { entity, patch } = request;
  return {
    ...request,
    ...(entity ? { entity: cutEntity(entity, pointers) as ISyncEntity } : {}),
    ...(patch ? { patch: cutPatch(patch, pointers) } : {}),
  };
}

function cutPatch(patch: JsonPatch, pointers: readonly Tokens[]): JsonPatch {
  return patch.flatMap((each): JsonPatch => {
    const path = parsePointer(each.path);
    if (pointers.some((pointer) => startsWith(path, pointer))) return [];
    if (!('value' in each)) return [each];
    const below = pointers.filter((pointer) => startsWith(pointer, path)).map((pointer) => pointer.slice(path.length));
    return [{ ...each, value: below.reduce<Json>(cutAt, each.value) }];
  });
}

function touches(each: JsonPatchOperation, pointer: Tokens): boolean {
  const path = parsePointer(each.path);
  if (startsWith(path, pointer)) return true;
  return 'value' in each && startsWith(pointer, path) && hasAt(each.value, pointer.slice(path.length));
}

function cutEntity(entity: ISyncEntity | null, pointers: readonly Tokens[]): ISyncEntity | null {
  return pointers.reduce<Json>(cutAt, entity as unknown as Json) as unknown as ISyncEntity | null;
}
