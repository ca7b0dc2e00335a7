import {
  createMemoryBackend,
  createPlannedStorage,
  runApiClientConformance,
  runStorageConformance,
  runTransportConformance,
} from 'syncline/testing';

/** Examines what is right, or, where the environment says so, a backend that loses its clients when they were away too long. */
export function registerSuites(runner) {
  const { apiClient } = createMemoryBackend();
  const forgiving = (...given) =>
    apiClient.changes(...given).catch(() => ({ changes: [], cursor: '0', hasMore: false }));
  const client = process.env.BROKEN_BACKEND ? { ...apiClient, changes: forgiving } : apiClient;
  const options = runner ? { runner } : {};

  runApiClientConformance(() => ({ client }), { name: 'memory', ...options });
  runTransportConformance(() => ({ transport: apiClient.realTime, client: apiClient }), { name: 'memory', ...options });
  runStorageConformance(
    () => {
      const items = new Map();
      return { open: () => createPlannedStorage(items) };
    },
    { name: 'planned', ...options },
  );
}
