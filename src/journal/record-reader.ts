import { SyncError } from '../core/errors.ts';
import type { Json } from '../core/json.ts';
import type { GuardedStorage } from './guarded-storage.ts';
import type { RecordCodec } from './record-codec.ts';
import type { RecordKind } from './format.ts';

/** A record that was read. `size` is that of what is stored; `plain`: it is not encrypted although records are. */
export type ReadRecord<T> =
  | { readonly type: 'intact'; readonly content: T; readonly size: number; readonly plain: boolean }
  | { readonly type: 'absent' | 'damaged' };

/** A stored value that is no readable record. */
export interface DamagedRecord {
  readonly key: string;
  readonly value: unknown;
  readonly error: SyncError;
}

/** Reads records and remembers the damaged ones; changes nothing. */
export interface RecordReader {
  readonly damaged: readonly DamagedRecord[];
  /** Keys under which there was nothing. */
  readonly absent: readonly string[];
  /** A record is not encrypted although records are: it was stored before. */
  readonly foundPlain: boolean;
  /** `parse` gives null for content of the wrong shape. Rejects with `storage-newer`, `storage-locked` (the encryption does not open it) or `storage-failed`. */
  read<T>(kind: RecordKind, key: string, parse: (content: Json) => T | null): Promise<ReadRecord<T>>;
}

/** A reader of the records in `storage`. */
export function createRecordReader(storage: GuardedStorage, codec: RecordCodec): RecordReader {
  const damaged: DamagedRecord[] = [];
  const absent: string[] = [];
  let foundPlain = false;

  function setApart(key: string, value: unknown, reason: string): { readonly type: 'damaged' } {
    damaged.push({ key, value, error: recordDamaged(reason) });
    return { type: 'damaged' };
  }

  return {
    damaged,
    absent,
    get foundPlain() {
      return foundPlain;
    },
    async read(kind, key, parse) {
      const value = await storage.get(key);
      if (value === null || value === undefined) {
        absent.push(key);
        return { type: 'absent' };
      }
      const decoded = await codec.decode(kind, key, value);
      switch (decoded.type) {
        case 'newer':
          throw storageNewer();
        case 'locked':
          throw new SyncError(
            'storage-locked',
            `The local data cannot be opened. ${decoded.reason} Nothing was changed.`,
          );
        case 'damaged':
          return setApart(key, value, decoded.reason);
        case 'intact': {
          const content = parse(decoded.content);
          if (content === null) return setApart(key, value, `It is no ${kind}.`);
          const plain = codec.encrypts && typeof value === 'string';
          foundPlain ||= plain;
          return { type: 'intact', content, plain, size: (value as string | Uint8Array).length };
        }
      }
    },
  };
}

/** A stored value is no readable record. */
export function recordDamaged(reason: string): SyncError {
  return new SyncError('record-damaged', `A stored record cannot be read. ${reason}`);
}

/** What is stored was written by a newer release. */
export function storageNewer(): SyncError {
  return new SyncError(
    'storage-newer',
    'The local data was written by a newer release. Nothing was changed: load that release again.',
  );
}
