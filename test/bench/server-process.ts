import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleCase, root } from './bundle-case.ts';

/** The real server in a process of its own, on a fresh database on disk. */
export interface ServerProcess {
  readonly url: string;
  stop(): Promise<void>;
}

export async function startServerProcess(): Promise<ServerProcess> {
  const parent = join(root, '.syncline/bench');
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, 'server-'));
  const file = join(folder, 'server.mjs');
  await writeFile(file, await bundleCase(serverEntry(join(folder, 'server.db')), 'node'));
  const child = fork(file, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const [url] = (await once(child, 'message')) as [string];
  return {
    url,
    async stop() {
      child.send('stop');
      if (child.exitCode === null) await once(child, 'exit');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function serverEntry(database: string): string {
  return `
    import { createSyncServer } from './src/server/index.ts';
    const server = await createSyncServer({ database: ${JSON.stringify(database)}, origins: ['*'] });
    process.send((await server.listen(0)).url);
    process.once('message', () => server.close().then(() => process.exit(0)));
  `;
}
