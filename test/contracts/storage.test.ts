import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { createMemoryStorage } from '../../src/adapters/storage/memory-storage.ts';
import { createFileStorage } from '../../src/node/file-storage.ts';
import { describeStorage } from './storage.contract.ts';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'syncline-storage-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describeStorage('memory', () => ({ open: createMemoryStorage }), { keeps: false });

let places = 0;
describeStorage(
  'files',
  () => {
    places += 1;
    const place = join(directory, String(places), 'made', 'with the first call');
    return { open: () => createFileStorage(place) };
  },
  { keeps: true },
);
