import type { Json } from '../core/json.ts';
import { checksumText } from './checksum.ts';
import { currentFormat, migrate } from './format.ts';
import type { RecordKind, StorageFormat } from './format.ts';

/** What a stored value turned out to be. `newer` and `locked` are whole, but not for this program or this key. */
export type DecodedRecord =
  | { readonly type: 'intact'; readonly content: Json }
  | { readonly type: 'damaged'; readonly reason: string }
  | { readonly type: 'newer'; readonly version: number }
  | { readonly type: 'locked'; readonly reason: string };

const letters: Readonly<Record<RecordKind, string>> = { segment: 's', page: 'p', manifest: 'm', claim: 'c' };
const header = /^([a-z])(\d{1,6}) ([0-9a-f]{8}) /;

/**
 * A record as text: `<kind><version> <checksum> <json>`. The checksum covers kind, version, key, length and JSON, and this
 * head stays the same in every format, so that a flipped version digit is damage and not a newer format, and a record that
 * lies under another key than its own is damage, too.
 */
export function encodeRecord(
  kind: RecordKind,
  key: string,
  json: string,
  { version }: StorageFormat = currentFormat,
): string {
  const head = `${letters[kind]}${version}`;
  return `${head} ${checksumOf(head, key, json)} ${json}`;
}

/** Reads the text under a key, and brings an older one to `format`. Never throws: whatever is wrong comes back as data. */
export function decodeRecord(
  kind: RecordKind,
  key: string,
  text: string,
  format: StorageFormat = currentFormat,
): DecodedRecord {
  const match = header.exec(text);
  if (match === null) return { type: 'damaged', reason: 'It does not begin like a record.' };
  const [head, letter = '', digits = '', checksum = ''] = match;
  if (checksumOf(letter + digits, key, text, head.length) !== checksum) {
    return { type: 'damaged', reason: 'Its checksum does not fit.' };
  }
  const version = Number(digits);
  if (version > format.version) return { type: 'newer', version };
  if (letter !== letters[kind]) return { type: 'damaged', reason: `It is no ${kind}.` };
  return parse(kind, text.slice(head.length), version, format);
}

/** `from`: where the JSON begins. A slice of it would be read at half the speed. */
function checksumOf(head: string, key: string, text: string, from = 0): string {
  return checksumText(text, checksumText(`${head} ${key} ${text.length - from} `), from)
    .toString(16)
    .padStart(8, '0');
}

function parse(kind: RecordKind, json: string, version: number, format: StorageFormat): DecodedRecord {
  let content: Json;
  try {
    content = JSON.parse(json) as Json;
  } catch {
    return { type: 'damaged', reason: 'It is not JSON.' };
  }
  if (version === format.version) return { type: 'intact', content };
  const migrated = migrate(format, version, kind, content);
  if (migrated === null) return { type: 'damaged', reason: `It is no ${kind} of format ${version}.` };
  return { type: 'intact', content: migrated };
}
