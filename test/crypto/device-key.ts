/** The key of this device: made once, kept in IndexedDB, and nobody can read it out. */
export async function deviceKey(name = 'device-key'): Promise<CryptoKey> {
  const fresh = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  const opening = indexedDB.open(name, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore('keys');
  const database = await answerOf(opening);
  const transaction = database.transaction('keys', 'readwrite', { durability: 'strict' });
  const store = transaction.objectStore('keys');
  const kept = await answerOf<CryptoKey | undefined>(store.get('local-data'));
  if (!kept) store.put(fresh, 'local-data');
  await new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error('The key could not be stored.'));
  });
  database.close();
  return kept ?? fresh;
}

function answerOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('IndexedDB does not answer.'));
  });
}
