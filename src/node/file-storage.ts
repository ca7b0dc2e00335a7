import { randomUUID } from 'node:crypto';
import { readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { SyncError } from '../core/errors.ts';
import type { KeyValueStorage } from '../ports/storage.ts';
import { makeDirectory, removeFiles, replaceFile } from './durable-file.ts';
import { fileNameOf, keyOfFileName } from './file-name.ts';
import { decodeRecord, encodeRecord } from './file-record.ts';
import { createOrderedTasks } from '../adapters/storage/ordered-tasks.ts';

const ownToken = randomUUID();

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether the file was being written by a process that is gone. A process may have the number of one before it. */
function isLeftover(fileName: string): boolean {
  const [, pid, token] = /^writing-(\d+)-([0-9a-f-]{36})-\d+$/.exec(fileName) ?? [];
  if (pid === undefined || token === ownToken) return false;
  return Number(pid) === process.pid || !isRunning(Number(pid));
}

async function openDirectory(directory: string): Promise<void> {
  await makeDirectory(directory);
  const leftovers = (await readdir(directory)).filter(isLeftover);
  await removeFiles(
    directory,
    leftovers.map((fileName) => join(directory, fileName)),
  );
}

let written = 0;

/**
 * Durable storage for Node clients: one file for each key in `directory`, which is made with the first call. One process per directory.
 *
 * - `setItem` resolves when the value is on the disk (written aside, synced, renamed, directory synced); a crash leaves the old value or the new.
 * - Calls for one key take effect in call order; `keys` and `clear` come after all earlier calls.
 * - A file that is damaged counts as absent: it is set aside as `damaged-…` in the same directory, and the process warning
 *   `SYNCLINE_DAMAGED_FILE` names it. `keys` may still list it before it was read. One that a newer release or a newer Node
 *   wrote stays as it is: reading it rejects with `storage-newer`.
 * - Values are structured clones in the format of Node's `v8.serialize`: a newer Node reads what an older one wrote.
 *
 * @example
 * createSyncService(apiClient, { storage: createFileStorage('./data') });
 */
export function createFileStorage(directory: string): KeyValueStorage {
  const tasks = createOrderedTasks();
  let opening: Promise<void> | null = null;

  function open(): Promise<void> {
    opening ??= openDirectory(directory).catch((error: unknown) => {
      opening = null;
      throw error;
    });
    return opening;
  }

  async function readRecord(fileName: string): Promise<{ key: string; value: unknown } | null> {
    const path = join(directory, fileName);
    const content = await readFile(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (content === null) return null;
    const record = decodeRecord(content);
    if (record === 'newer') throw storageNewer(path);
    if (record === 'damaged') {
      const aside = join(directory, `damaged-${randomUUID()}-${fileName}`);
      await rename(path, aside);
      process.emitWarning(`A damaged file was set aside: ${aside}`, { code: 'SYNCLINE_DAMAGED_FILE' });
      return null;
    }
    return record;
  }

  async function recordFiles(): Promise<string[]> {
    return (await readdir(directory)).filter((fileName) => keyOfFileName(fileName) !== undefined);
  }

  return {
    getItem<T>(key: string): Promise<T | null> {
      const fileName = fileNameOf(key);
      return tasks.run(fileName, async () => {
        await open();
        return ((await readRecord(fileName))?.value ?? null) as T | null;
      });
    },
    async setItem<T>(key: string, value: T): Promise<T> {
      const content = encodeRecord(key, value);
      const fileName = fileNameOf(key);
      await tasks.run(fileName, async () => {
        await open();
        written += 1;
        const temporary = join(directory, `writing-${process.pid}-${ownToken}-${written}`);
        await replaceFile(join(directory, fileName), temporary, content);
      });
      return value;
    },
    removeItem(key: string): Promise<void> {
      const fileName = fileNameOf(key);
      return tasks.run(fileName, async () => {
        await open();
        await removeFiles(directory, [join(directory, fileName)]);
      });
    },
    keys(): Promise<string[]> {
      return tasks.runAlone(async () => {
        await open();
        const files = await recordFiles();
        const keys = await Promise.all(
          files.map(async (fileName) => keyOfFileName(fileName) ?? (await readRecord(fileName))?.key),
        );
        return keys.filter((key) => key !== undefined);
      });
    },
    clear(): Promise<void> {
      return tasks.runAlone(async () => {
        await open();
        const files = await recordFiles();
        await removeFiles(
          directory,
          files.map((fileName) => join(directory, fileName)),
        );
      });
    },
  };
}

function storageNewer(path: string): SyncError {
  const message = `A newer release or Node wrote ${path}. Nothing was changed: start with that one again.`;
  return new SyncError('storage-newer', message);
}
