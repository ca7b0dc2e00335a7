import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { createMemoryStorage } from '../../src/adapters/storage/memory-storage.ts';
import { createFileStorage } from '../../src/node/file-storage.ts';
import { createPlannedStorage, runStorageConformance } from '../../src/testing.ts';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'syncline-storage-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const runner = { describe, it };

runStorageConformance(() => ({ open: createMemoryStorage }), { name: 'memory', keeps: false, runner });

runStorageConformance(
  () => {
    const items = new Map<string, unknown>();
    return { open: () => createPlannedStorage(items) };
  },
  { name: 'planned', runner },
);

let places = 0;
runStorageConformance(
  () => {
    places += 1;
    const place = join(directory, String(places), 'made', 'with the first call');
    return { open: () => createFileStorage(place) };
  },
  { name: 'files', runner },
);
