import type { KeyValueStorage } from '../ports/storage.ts';

/**
 * What becomes of one call. `done`: it takes effect and answers. `failed`: it rejects and changes nothing. `silent`: neither
 * effect nor answer, ever. `unanswered`: it takes effect and never answers. `late`: it takes effect and answers with `land()`.
 */
export type StorageFate = 'done' | 'failed' | 'silent' | 'unanswered' | 'late';

/** One call of a storage, as it arrived. */
export interface StorageCall {
  /** 1, 2, 3 … */
  readonly step: number;
  readonly method: 'getItem' | 'setItem' | 'removeItem' | 'keys' | 'clear' | 'reopen';
  readonly key: string | null;
}

/** A storage in memory whose calls fare as planned. */
export interface PlannedStorage extends KeyValueStorage {
  /** What is stored. Two storages on one map are one place, opened twice. */
  readonly items: Map<string, unknown>;
  readonly calls: readonly StorageCall[];
  /** From now on `fate` decides. */
  plan(fate: (call: StorageCall) => StorageFate): void;
  /** The late calls happen now, in the order in which they were made. Gives their number. */
  land(): number;
  reopen(): Promise<void>;
}

/** What a storage on `items` does by default is to do what it is told. */
export function createPlannedStorage(items: Map<string, unknown> = new Map()): PlannedStorage {
  const calls: StorageCall[] = [];
  let late: (() => void)[] = [];
  let fateOf: (call: StorageCall) => StorageFate = () => 'done';

  function perform<T>(method: StorageCall['method'], key: string | null, effect: () => T): Promise<T> {
    const call = { step: calls.length + 1, method, key };
    calls.push(call);
    return new Promise((resolve, reject) => {
      const fate = fateOf(call);
      if (fate === 'done') resolve(effect());
      else if (fate === 'failed') reject(new DOMException(`${method} failed as planned`, 'QuotaExceededError'));
      else if (fate === 'unanswered') effect();
      else if (fate === 'late') late.push(() => resolve(effect()));
    });
  }

  return {
    items,
    calls,
    plan(fate) {
      fateOf = fate;
    },
    land() {
      const landing = late;
      late = [];
      for (const effect of landing) effect();
      return landing.length;
    },
    getItem: <T>(key: string) => perform('getItem', key, () => structuredClone((items.get(key) ?? null) as T | null)),
    setItem: <T>(key: string, value: T) => {
      const copy = structuredClone(value);
      return perform('setItem', key, () => {
        items.set(key, copy);
        return value;
      });
    },
    removeItem: (key) => perform('removeItem', key, () => void items.delete(key)),
    keys: () => perform('keys', null, () => [...items.keys()]),
    clear: () => perform('clear', null, () => items.clear()),
    reopen: () => perform('reopen', null, () => undefined),
  };
}
