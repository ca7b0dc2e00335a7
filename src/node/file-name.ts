import { createHash } from 'node:crypto';

const extension = '.record';
const longest = 180;

function escapeCodeUnit(character: string): string {
  return `%${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/**
 * The file of a key: one name for each key, on file systems that ignore case, forbid characters or reserve names too.
 * Long keys end in a digest; the key itself is in the file.
 */
export function fileNameOf(key: string): string {
  const escaped = key.replace(/[^a-z0-9_-]/g, escapeCodeUnit);
  if (escaped.length <= longest) return `key-${escaped}${extension}`;
  return `long-${createHash('sha256').update(escaped).digest('hex')}${extension}`;
}

/** The key of a file that {@link fileNameOf} named: null when it has to be read from the file, undefined when it is no such file. */
export function keyOfFileName(fileName: string): string | null | undefined {
  if (!fileName.endsWith(extension)) return undefined;
  if (fileName.startsWith('long-')) return null;
  if (!fileName.startsWith('key-')) return undefined;
  const escaped = fileName.slice('key-'.length, -extension.length);
  return escaped.replace(/%([0-9a-f]{4})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
