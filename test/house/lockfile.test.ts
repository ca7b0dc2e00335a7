import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

interface LockedPackage {
  resolved?: string;
  optionalDependencies?: Record<string, string>;
}

const path = fileURLToPath(new URL('../../package-lock.json', import.meta.url));
const { packages } = JSON.parse(await readFile(path, 'utf8')) as { packages: Record<string, LockedPackage> };

test('the lock file names no host, so that any mirror serves', () => {
  expect(Object.entries(packages).filter(([, locked]) => locked.resolved?.includes('://'))).toEqual([]);
});

test('the lock file holds the binaries of every platform, or npm ci refuses it', () => {
  const wanted = Object.values(packages).flatMap((locked) => Object.keys(locked.optionalDependencies ?? {}));
  const locked = new Set(Object.keys(packages).map((place) => place.slice(place.lastIndexOf('node_modules/') + 13)));
  expect(wanted.filter((name) => !locked.has(name))).toEqual([]);
});
