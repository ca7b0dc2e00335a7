import type { JsonPatch } from '../../src/index.ts';
import { answerWith } from '../../src/testing/backend/answers.ts';
import { createPlannedStorage } from '../../src/testing/planned-storage.ts';
import { createServiceWorld } from '../support/service-world.ts';
import { fixtureOptions } from './format-world.ts';

const patches: readonly JsonPatch[] = [
  [
    { op: 'test', path: '/text', value: 'täxt 👾 "quoted" \u2028' },
    { op: 'replace', path: '/text', value: 'patched' },
    { op: 'add', path: '/rows/-', value: { id: 'u', on: null } },
  ],
  [
    { op: 'copy', from: '/rows/1', path: '/rows/0' },
    { op: 'move', from: '/text', path: '/a~1b' },
    { op: 'remove', path: '/rows/1' },
  ],
];

/** A service that was told of changes by patches, each on the state that the one before it led to. Closed. */
export async function storePatches(): Promise<Map<string, unknown>> {
  const storage = createPlannedStorage();
  const world = createServiceWorld({ storage });
  const sync = await world.open(fixtureOptions);
  world.backend.edit('notes', 'theirs', { text: 'täxt 👾 "quoted" \u2028', rows: [{ id: 't', on: true }] });
  await sync.pull();
  for (const [index, patch] of patches.entries()) {
    const baseVersion = index + 1;
    const record = { entity: null, version: baseVersion + 1, updatedAt: '2026-01-01T00:00:00.000Z' };
    const change = { collection: 'notes', id: 'theirs', record, patch, baseVersion };
    world.backend.always('changes', (call, apply) =>
      call.collection === 'notes'
        ? answerWith({ changes: [change], cursor: '1', hasMore: false })(call, apply)
        : apply(),
    );
    await sync.pull();
  }
  await world.closeAll();
  return storage.items;
}
