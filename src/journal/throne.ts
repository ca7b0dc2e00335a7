import type { Json } from '../core/json.ts';
import type { GuardedStorage } from './guarded-storage.ts';
import type { JournalKeys } from './keys.ts';
import type { RecordCodec } from './record-codec.ts';
import { createRecordReader } from './record-reader.ts';

/**
 * The one key by which writers of one storage know who leads (S30). A claim is written first, and everything stored is read
 * after it; a leader that is in doubt looks here after it has stored something and before it says so. So either it sees
 * the claim, or the claimant sees what it stored.
 */
export interface Throne {
  /** Takes it in an epoch above `atLeast` and above all before. Resolves with that epoch. Rejects with `storage-failed`. */
  claim(atLeast: number): Promise<number>;
  /** Whether nobody else has claimed it since. A storage that was wiped is nobody's. Rejects with `storage-failed`. */
  isHeld(epoch: number): Promise<boolean>;
}

interface Claim {
  readonly epoch: number;
  readonly writer: string;
}

/** The throne in a storage, for one writer. */
export function createThrone(
  storage: GuardedStorage,
  codec: RecordCodec,
  names: JournalKeys,
  writer: () => string,
): Throne {
  async function read(): Promise<Claim | null> {
    const record = await createRecordReader(storage, codec).read('reign', names.reign, parseClaim);
    return record.type === 'intact' ? record.content : null;
  }

  return {
    async claim(atLeast) {
      const last = await read();
      const claim: Claim = { epoch: Math.max(atLeast, last?.epoch ?? 0) + 1, writer: writer() };
      await storage.set(names.reign, await codec.encode('reign', names.reign, JSON.stringify(claim)));
      return claim.epoch;
    },
    async isHeld(epoch) {
      const claim = await read();
      return claim === null || (claim.epoch === epoch && claim.writer === writer());
    },
  };
}

function parseClaim(content: Json): Claim | null {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) return null;
  const { epoch, writer } = content as { readonly epoch?: unknown; readonly writer?: unknown };
  return typeof epoch === 'number' && typeof writer === 'string' ? { epoch, writer } : null;
}
