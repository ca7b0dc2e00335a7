import { SyncError } from '../core/errors.ts';
import { isReadable } from './format.ts';
import type { StorageFormat } from './format.ts';

/** Identity of a stored page or manifest. No two are alike, whoever wrote them. */
export interface Stamp {
  /** The format it is stored in. */
  readonly format: number;
  readonly epoch: number;
  /** 1, 2, 3 … per writer. */
  readonly serial: number;
  readonly writer: string;
}

/** That a writer leads in an epoch. */
export interface Claim {
  readonly epoch: number;
  readonly writer: string;
}

/** What a storage key stands for. */
export type ParsedKey =
  | { readonly kind: 'segment'; readonly format: number; readonly writer: string; readonly number: number }
  | { readonly kind: 'page' | 'manifest'; readonly stamp: Stamp }
  | { readonly kind: 'claim'; readonly claim: Claim }
  | { readonly kind: 'newer' | 'other' };

/** The storage keys of one name and user. */
export interface JournalKeys {
  /** The format that this program stores. */
  readonly format: number;
  /** `format`: by default the one that this program stores. */
  segment(writer: string, number: number, format?: number): string;
  page(stamp: Stamp): string;
  manifest(stamp: Stamp): string;
  /** Who wants to lead. */
  claim(claim: Claim): string;
  /** What the keys of all claims begin with. */
  readonly claims: string;
  /** Where the record under `key` is set aside. */
  quarantine(key: string): string;
  /** Null for a key of another name or user. `newer`: of a format that this program does not know. */
  parse(key: string): ParsedKey | null;
}

const root = 'syncline/';
const numberDigits = 10;

/**
 * Keys of the form `syncline/<format>/<name>/<user>/…`, in all formats. Throws `invalid-option` when name or user is
 * ill-formed Unicode.
 */
export function createJournalKeys(name: string, user: string, format: StorageFormat): JournalKeys {
  const owner = `/${encode('name', name)}/${encode('user', user)}/`;
  const prefix = (version: number): string => `${root}${version}${owner}`;

  const claims = `${prefix(format.version)}claim/`;

  /** Where the part of a key begins that is not its owner's; null: the key of another one. */
  function restOf(key: string): number | null {
    if (!key.startsWith(root)) return null;
    const versionEnd = key.indexOf('/', root.length);
    return versionEnd >= 0 && key.startsWith(owner, versionEnd) ? versionEnd + owner.length : null;
  }

  return {
    format: format.version,
    segment: (writer, number, version = format.version) =>
      `${prefix(version)}journal/${writer}/${String(number).padStart(numberDigits, '0')}`,
    page: (stamp) => `${prefix(stamp.format)}page/${formatStamp(stamp)}`,
    manifest: (stamp) => `${prefix(stamp.format)}manifest/${formatStamp(stamp)}`,
    claim: ({ epoch, writer }) => `${claims}${epoch}-${writer}`,
    claims,
    quarantine(key) {
      const rest = restOf(key) ?? 0;
      return `${key.slice(0, rest)}quarantine/${key.slice(rest)}`;
    },
    parse(key) {
      const rest = restOf(key);
      if (rest === null) return null;
      const version = Number(key.slice(root.length, rest - owner.length));
      if (version > format.version) return { kind: 'newer' };
      return isReadable(format, version) ? parseRest(key.slice(rest), version) : { kind: 'other' };
    },
  };
}

/** The newer of two is the greater: by claim, then serial. */
export function compareStamps(a: Stamp, b: Stamp): number {
  return compareClaims(a, b) || a.serial - b.serial;
}

/** The higher of two is the one that counts: by epoch, then writer. */
export function compareClaims(a: Claim, b: Claim): number {
  if (a.epoch !== b.epoch) return a.epoch - b.epoch;
  if (a.writer === b.writer) return 0;
  return a.writer < b.writer ? -1 : 1;
}

/** `<epoch>-<serial>-<writer>` */
export function formatStamp(stamp: Stamp): string {
  return `${stamp.epoch}-${stamp.serial}-${stamp.writer}`;
}

/** Reads {@link formatStamp}'s text; null for any other. */
export function parseStamp(text: string, format: number): Stamp | null {
  const match = /^(\d{1,16})-(\d{1,16})-([^/]+)$/.exec(text);
  if (match === null) return null;
  return { format, epoch: Number(match[1]), serial: Number(match[2]), writer: match[3] as string };
}

function encode(option: string, value: string): string {
  try {
    return encodeURIComponent(value);
  } catch (cause) {
    throw new SyncError('invalid-option', `The ${option} is not well-formed Unicode. Give another one.`, { cause });
  }
}

function parseRest(rest: string, format: number): ParsedKey {
  const segment = /^journal\/([^/]+)\/(\d{10,16})$/.exec(rest);
  if (segment !== null) return { kind: 'segment', format, writer: segment[1] as string, number: Number(segment[2]) };
  const claim = /^claim\/(\d{1,16})-([^/]+)$/.exec(rest);
  if (claim !== null) return { kind: 'claim', claim: { epoch: Number(claim[1]), writer: claim[2] as string } };
  return stamped('page', rest, format) ?? stamped('manifest', rest, format) ?? { kind: 'other' };
}

function stamped(kind: 'page' | 'manifest', rest: string, format: number): ParsedKey | null {
  const folder = `${kind}/`;
  const stamp = rest.startsWith(folder) ? parseStamp(rest.slice(folder.length), format) : null;
  return stamp === null ? null : { kind, stamp };
}
