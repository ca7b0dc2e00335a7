import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

async function syncDirectory(directory: string): Promise<void> {
  // Windows has no handle of a directory that could be synced.
  if (process.platform === 'win32') return;
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a directory and those above it that are missing, and resolves when they would survive a loss of power. */
export async function makeDirectory(directory: string): Promise<void> {
  const highest = await mkdir(directory, { recursive: true });
  if (highest === undefined) return;
  const end = dirname(resolve(highest));
  for (let made = resolve(directory); made !== end; made = dirname(made)) await syncDirectory(dirname(made));
}

/**
 * Replaces a file whole or not at all, and resolves when it would survive a loss of power. `temporary` is in the same directory.
 */
export async function replaceFile(path: string, temporary: string, content: Uint8Array): Promise<void> {
  try {
    const handle = await open(temporary, 'w');
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(dirname(path));
}

/** Removes files of one directory, and resolves when they would stay removed after a loss of power. Absent ones are fine. */
export async function removeFiles(directory: string, paths: readonly string[]): Promise<void> {
  await Promise.all(paths.map((path) => rm(path, { force: true })));
  if (paths.length > 0) await syncDirectory(directory);
}
