import { createDeferred, type Deferred } from '../core/deferred.ts';

/** Groups of entries that wait to be stored, each in one write, oldest first. */
export interface GroupQueue<E> {
  /** The groups that are not stored, the one being written included. */
  readonly length: number;
  /** Adds the entries, together, to the newest group that still takes some. `index` is that group's place in the queue. */
  append(entries: readonly E[]): { readonly index: number; readonly durable: Promise<void> };
  /** Closes the oldest group to further entries. Null when there is none. */
  seal(): SealedGroup | null;
  /**
   * Drops all local writes. Everything else becomes one group at the head, even if it is empty, and takes no more: what could
   * not be stored may be there all the same, and others may have read it as this segment.
   */
  rollBack(): RolledBack<E>;
  /** Puts a group without entries at the head, which takes none. */
  blank(): void;
  /**
   * Empties the queue. Each group, oldest first, can be settled: null resolves its promises, an error rejects those of local
   * writes and resolves all others, which end when what they wait for is given up, too.
   */
  abandon(): readonly ((error: unknown) => void)[];
  /** Resolves when everything that is in the queue now is stored, or dropped, or given up; who asked first hears it first. */
  settled(): Promise<void>;
}

/** A group that takes no more entries. */
export interface SealedGroup {
  /** Its content as JSON. */
  readonly json: string;
  /** Takes it out of the queue, where it still is, and resolves its promises. */
  stored(): void;
}

/** What became of the groups that could not be stored. */
export interface RolledBack<E> {
  readonly groups: number;
  readonly kept: readonly E[];
  readonly dropped: readonly E[];
  /** What is kept, each in its place, says this instead. */
  retell(entries: readonly E[]): void;
  /** Rejects the promises of the dropped entries. */
  reject(error: unknown): void;
}

interface Group<E> {
  sealed: boolean;
  readonly entries: E[];
  readonly texts: string[];
  size: number;
  localWrites: Deferred | null;
  others: Deferred | null;
  readonly inherited: Deferred[];
}

const maxGroupSize = 1 << 20;

/**
 * An empty queue. Entries are turned into JSON when they are appended: what happens to them later does not matter. What
 * `heading` gives when a group is sealed is stored before its entries.
 */
export function createGroupQueue<E>(
  isLocalWrite: (entry: E) => boolean,
  heading: () => readonly E[] = () => [],
): GroupQueue<E> {
  let groups: Group<E>[] = [];

  function openGroupFor(size: number): Group<E> {
    const last = groups.at(-1);
    if (last !== undefined && !last.sealed && (last.size === 0 || last.size + size <= maxGroupSize)) return last;
    const group = createGroup<E>();
    groups.push(group);
    return group;
  }

  return {
    get length() {
      return groups.length;
    },
    append(entries) {
      const texts = entries.map((entry) => JSON.stringify(entry));
      let size = 0;
      for (const text of texts) size += text.length + 1;
      const group = openGroupFor(size);
      for (const entry of entries) group.entries.push(entry);
      for (const text of texts) group.texts.push(text);
      group.size += size;
      const durable = entries.some(isLocalWrite)
        ? (group.localWrites ??= createDeferred())
        : (group.others ??= createDeferred());
      return { index: groups.length - 1, durable: durable.promise };
    },
    seal() {
      const group = groups[0];
      if (group === undefined) return null;
      group.sealed = true;
      // A template would give a tree of texts: each character that is read of it costs half as much again.
      const texts = [...heading().map((entry) => JSON.stringify(entry)), ...group.texts];
      const json = ['[', texts.join(','), ']'].join('');
      const stored = (): void => {
        if (groups[0] !== group) return;
        groups.shift();
        group.localWrites?.resolve();
        resolveOthers(group);
      };
      return { json, stored };
    },
    rollBack() {
      const failed = groups;
      const { group, dropped } = merge(failed, isLocalWrite);
      group.sealed = true;
      groups = [group];
      return {
        groups: failed.length,
        kept: group.entries.slice(),
        dropped,
        retell(entries) {
          entries.forEach((entry, index) => {
            if (entry === group.entries[index]) return;
            group.entries[index] = entry;
            group.texts[index] = JSON.stringify(entry);
          });
        },
        reject: (error) => failed.forEach((each) => each.localWrites?.reject(error)),
      };
    },
    blank() {
      groups.unshift({ ...createGroup<E>(), sealed: true });
    },
    abandon() {
      const abandoned = groups;
      groups = [];
      return abandoned.map((group) => (error) => {
        if (error === null) group.localWrites?.resolve();
        else group.localWrites?.reject(error);
        resolveOthers(group);
      });
    },
    settled() {
      const last = groups.at(-1);
      return last === undefined ? Promise.resolve() : (last.others ??= createDeferred()).promise;
    },
  };
}

function createGroup<E>(): Group<E> {
  return { sealed: false, entries: [], texts: [], size: 0, localWrites: null, others: null, inherited: [] };
}

function resolveOthers<E>({ others, inherited }: Group<E>): void {
  for (const deferred of inherited) deferred.resolve();
  others?.resolve();
}

function merge<E>(groups: readonly Group<E>[], isLocalWrite: (entry: E) => boolean): { group: Group<E>; dropped: E[] } {
  const group = createGroup<E>();
  const dropped: E[] = [];
  for (const failed of groups) {
    failed.entries.forEach((entry, index) => {
      if (isLocalWrite(entry)) {
        dropped.push(entry);
        return;
      }
      const text = failed.texts[index] as string;
      group.entries.push(entry);
      group.texts.push(text);
      group.size += text.length + 1;
    });
    group.inherited.push(...failed.inherited, ...(failed.others === null ? [] : [failed.others]));
  }
  return { group, dropped };
}
