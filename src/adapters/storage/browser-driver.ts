/** The places where a browser keeps data, the better one first. */
export type BrowserDriver = 'indexedDB' | 'localStorage';

function isReachable(read: () => unknown): boolean {
  try {
    const value = read();
    return value !== undefined && value !== null;
  } catch {
    return false;
  }
}

/**
 * The best place that this page or worker may keep data in, or null: outside of browsers, and where the user's settings forbid it.
 * Asks anew on every call and stores nothing.
 */
export function findBrowserDriver(): BrowserDriver | null {
  if (isReachable(() => globalThis.indexedDB)) return 'indexedDB';
  // Only pages have localStorage: some Node versions define it too, and warn or fail when it is touched.
  if (isReachable(() => globalThis.document) && isReachable(() => globalThis.localStorage)) return 'localStorage';
  return null;
}
