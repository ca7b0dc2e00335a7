/** An IndexedDB database with one store, without any library. */
export interface RawDatabase {
  /** One transaction; resolves when it is complete. */
  put(key: IDBValidKey, value: unknown): Promise<void>;
  putAll(entries: Iterable<readonly [IDBValidKey, unknown]>): Promise<void>;
  /** Values in key order. */
  getAll(range: IDBKeyRange | null, most?: number): Promise<readonly unknown[]>;
  get(key: IDBValidKey): Promise<unknown>;
  keys(): Promise<readonly IDBValidKey[]>;
  delete(range: IDBKeyRange): Promise<void>;
  close(): void;
}

const store = 'records';

/** Opens the database, making it if there is none. */
export async function openRawDatabase(name: string): Promise<RawDatabase> {
  const opening = indexedDB.open(name, 1);
  opening.onupgradeneeded = () => void opening.result.createObjectStore(store);
  const database = await resultOf(opening);

  function write(run: (records: IDBObjectStore) => void): Promise<void> {
    const transaction = database.transaction(store, 'readwrite');
    run(transaction.objectStore(store));
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new Error('The transaction was aborted.'));
    });
  }

  const records = () => database.transaction(store, 'readonly').objectStore(store);

  return {
    put: (key, value) => write((to) => void to.put(value, key)),
    putAll: (entries) =>
      write((to) => {
        for (const [key, value] of entries) to.put(value, key);
      }),
    getAll: (range, most) => resultOf(records().getAll(range, most)),
    get: (key) => resultOf(records().get(key)),
    keys: () => resultOf(records().getAllKeys()),
    delete: (range) => write((to) => void to.delete(range)),
    close: () => database.close(),
  };
}

/** Removes a database, whoever made it; all connections must be closed. */
export async function removeDatabase(name: string): Promise<void> {
  await resultOf(indexedDB.deleteDatabase(name));
}

function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('The request failed.'));
  });
}
