import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filter, firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createHttpApiClient, createSyncService } from '../../src/index.ts';
import { createSyncServer, type SyncServer } from '../../src/server/index.ts';

let folder: string;
let server: SyncServer;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'syncline-restored-'));
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

test('S39 G4 G6 what was written on a version that came again with a backup overwrites nobody', async () => {
  const [database, backup] = [join(folder, 'server.db'), join(folder, 'backup.db')];
  server = await createSyncServer({ database });
  const { url, port } = await server.listen(0);
  const open = () => createSyncService<{ notes: Note }>(createHttpApiClient({ url }), { collections: { notes: {} } });
  const [one, other] = [open(), open()];
  const reset = firstValueFrom(one.events$.pipe(filter(({ type }) => type === 'server.reset')));
  await one.collection('notes').put({ id: 'a', text: 'first' }).synced;
  await server.close();
  for (const end of ['', '-wal'])
    if (existsSync(`${database}${end}`)) await copyFile(`${database}${end}`, `${backup}${end}`);

  server = await createSyncServer({ database });
  await server.listen(port);
  one.collection('notes').patch('a', { text: 'gone with the restore' });
  await one.flush();
  await server.close();

  server = await createSyncServer({ database: backup, restored: true });
  await server.listen(port);
  await other.collection('notes').pull();
  await other.collection('notes').patch('a', { text: 'theirs', by: 'other' }).synced;
  one.collection('notes').patch('a', { text: 'mine' });
  await one.flush();
  await reset;
  await one.whenSynced('notes', 'a');
  const { entity } = (await (await fetch(`${url}/v1/notes/a`)).json()) as { entity: Note };
  expect(entity).toMatchObject({ text: 'mine', by: 'other' });
  expect(one.collection('notes').get('a')).toMatchObject({ text: 'mine', by: 'other' });
  expect(one.conflicts.list()).toMatchObject([{ remote: { text: 'theirs' }, local: { text: 'mine' } }]);
  await Promise.all([one.close(), other.close()]);
});

test('what is not there was not restored: a mistyped name is no empty database', async () => {
  const database = join(folder, 'mistyped.db');
  server = await createSyncServer({ database: ':memory:' });
  const opened = createSyncServer({ database, restored: true });
  await expect(opened).rejects.toMatchObject({ code: 'invalid-option', path: '/restored' });
  expect(existsSync(database)).toBe(false);
});

interface Note {
  readonly id: string;
  readonly text: string;
  readonly by?: string;
}
