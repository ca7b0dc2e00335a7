import { afterEach, describe, expect, test, vi } from 'vitest';
import { createDefaultStorage } from '../../src/adapters/storage/default-storage.ts';
import { createLocalForageStorage } from '../../src/adapters/storage/localforage-storage.ts';
import { isVolatile } from '../../src/adapters/storage/memory-storage.ts';
import { requestPersistence } from '../../src/adapters/storage/persistence.ts';

const databaseNames = async (): Promise<unknown[]> => (await indexedDB.databases()).map((database) => database.name);

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe('localforage on IndexedDB', () => {
  test('S44 nothing is opened before the first call', async () => {
    const storage = createLocalForageStorage({ name: 'lazy' });
    expect(await databaseNames()).not.toContain('lazy');
    await storage.keys();
    expect(await databaseNames()).toContain('lazy');
  });

  test('G19 an aborted transaction rejects and changes nothing', async () => {
    const storage = createLocalForageStorage({ name: 'aborting' });
    await storage.setItem('key', 'old');
    const put = IDBObjectStore.prototype.put;
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementationOnce(function (this: IDBObjectStore, value, key) {
      const request = put.call(this, value, key);
      this.transaction.abort();
      return request;
    });
    await expect(storage.setItem('key', 'new')).rejects.toMatchObject({ name: 'AbortError' });
    expect(await storage.getItem('key')).toBe('old');
  });

  test('removals that are asked for at the same time share a transaction, all or nothing', async () => {
    const storage = createLocalForageStorage({ name: 'removing' });
    const keys = ['a', 'b', 'c'];
    const removeAll = () => Promise.allSettled(keys.map((key) => storage.removeItem(key)));
    for (const key of keys) await storage.setItem(key, key);
    const begin = vi.spyOn(IDBDatabase.prototype, 'transaction');
    const remove = IDBObjectStore.prototype.delete;
    vi.spyOn(IDBObjectStore.prototype, 'delete').mockImplementationOnce(function (this: IDBObjectStore, key) {
      this.add('there is one already', key as IDBValidKey);
      return remove.call(this, key);
    });

    const aborted = { status: 'rejected', reason: expect.objectContaining({ name: 'ConstraintError' }) };
    expect(await removeAll()).toEqual([aborted, aborted, aborted]);
    expect(begin).toHaveBeenCalledTimes(1);
    expect(await storage.keys()).toEqual(keys);
    begin.mockClear();
    const removed = { status: 'fulfilled', value: undefined };
    expect(await removeAll()).toEqual([removed, removed, removed]);
    expect(begin).toHaveBeenCalledTimes(1);
    expect(await storage.keys()).toEqual([]);
  });

  test('G19 a lost connection rejects until it is reopened', async () => {
    const storage = createLocalForageStorage({ name: 'lost' });
    await storage.setItem('key', 'old');
    const alive = new WeakSet<IDBDatabase>();
    const open = indexedDB.open.bind(indexedDB);
    vi.spyOn(indexedDB, 'open').mockImplementation((name, version) => {
      const request = open(name, version);
      request.addEventListener('success', () => alive.add(request.result));
      return request;
    });
    const transaction = IDBDatabase.prototype.transaction;
    const closed = new WeakSet<IDBDatabase>();
    const close = IDBDatabase.prototype.close;
    vi.spyOn(IDBDatabase.prototype, 'close').mockImplementation(function (this: IDBDatabase) {
      closed.add(this);
      close.call(this);
    });
    vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, ...given) {
      if (alive.has(this) || closed.has(this)) return transaction.apply(this, given);
      throw new DOMException('Connection to Indexed Database server lost.', 'UnknownError');
    });

    await expect(storage.setItem('key', 'new')).rejects.toMatchObject({ name: 'UnknownError' });
    await expect(storage.getItem('key')).rejects.toMatchObject({ name: 'UnknownError' });
    await storage.reopen();
    expect(await Promise.all([storage.getItem('key'), storage.setItem('other', 1), storage.keys()])).toEqual([
      'old',
      1,
      ['key', 'other'],
    ]);
  });

  test('G19 a call that hangs holds nothing up once it is reopened', async () => {
    const storage = createLocalForageStorage({ name: 'hanging' });
    await storage.setItem('key', 'old');
    const asked = new Promise<void>((resolve) => {
      vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementationOnce(() => {
        resolve();
        return { objectStore: () => ({ put: () => ({}) }) } as unknown as IDBTransaction;
      });
    });
    const hanging = vi.fn();
    void storage.setItem('key', 'hangs').finally(hanging);
    void storage.setItem('key', 'waits').finally(hanging);
    await asked;
    await storage.reopen();
    await storage.setItem('key', 'new');
    expect(await storage.getItem('key')).toBe('new');
    expect(hanging).not.toHaveBeenCalled();
  });

  test('G19 a database that does not open rejects, leaves localStorage alone, and can be reopened', async () => {
    const storage = createLocalForageStorage({ name: 'closed' });
    vi.spyOn(indexedDB, 'open').mockImplementation(() => {
      throw new DOMException('no', 'UnknownError');
    });
    const stored = localStorage.length;
    await expect(storage.setItem('key', 'lost')).rejects.toThrow();
    await expect(storage.setItem('key', 'lost')).rejects.toThrow();
    expect(localStorage.length).toBe(stored);
    vi.restoreAllMocks();
    await storage.reopen();
    await storage.setItem('key', 'kept');
    expect(await storage.getItem('key')).toBe('kept');
  });

  test('a database that is deleted while it is open counts as empty, and takes new values', async () => {
    const storage = createLocalForageStorage({ name: 'wiped' });
    await storage.setItem('key', 'gone');
    await new Promise((resolve) => {
      indexedDB.deleteDatabase('wiped').addEventListener('success', resolve);
    });
    await storage.reopen();
    expect(await storage.keys()).toEqual([]);
    await storage.setItem('key', 'new');
    expect(await storage.getItem('key')).toBe('new');
  });
});

describe('the default storage', () => {
  test('S33 is IndexedDB where there is one', async () => {
    const storage = createDefaultStorage('default');
    expect([storage.driver, isVolatile(storage)]).toEqual(['indexedDB', false]);
    await storage.setItem('key', 1);
    expect(await databaseNames()).toContain('syncline-default');
  });

  test('S33 falls back to localStorage visibly', async () => {
    vi.stubGlobal('indexedDB', undefined);
    const storage = createDefaultStorage('fallen');
    expect([storage.driver, isVolatile(storage)]).toEqual(['localStorage', false]);
    await storage.setItem('key', { kept: true });
    expect(await createDefaultStorage('fallen').getItem('key')).toEqual({ kept: true });
  });

  test('S33 is volatile memory where the browser keeps nothing', async () => {
    vi.stubGlobal('indexedDB', undefined);
    vi.stubGlobal('localStorage', undefined);
    const storage = createDefaultStorage('nothing');
    expect([storage.driver, isVolatile(storage)]).toEqual(['memory', true]);
  });
});

test('S33 the browser answers whether it persists', async () => {
  expect(await requestPersistence()).toBeTypeOf('boolean');
});
