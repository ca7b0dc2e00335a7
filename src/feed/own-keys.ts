/** Keys of requests that were acknowledged here, so that their echoes are recognised (S6): the newest 10,000. */
export interface OwnKeys {
  add(key: string): void;
  has(key: string): boolean;
}

const kept = 10_000;

export function createOwnKeys(): OwnKeys {
  const keys = new Set<string>();
  return {
    add(key) {
      keys.add(key);
      if (keys.size <= kept) return;
      const oldest = keys.values().next().value;
      if (oldest !== undefined) keys.delete(oldest);
    },
    has: (key) => keys.has(key),
  };
}
