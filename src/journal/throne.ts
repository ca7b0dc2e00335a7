import type { GuardedStorage } from './guarded-storage.ts';
import { takeInventory, type Inventory } from './inventory.ts';
import { compareClaims, type Claim, type JournalKeys } from './keys.ts';
import type { RecordCodec } from './record-codec.ts';
import { storageNewer } from './record-reader.ts';

/**
 * The keys by which writers of one storage know who leads (S30). A claim is written first, and everything stored is read
 * after it; a leader looks here after it has stored something and before it says so. So either it sees the claim, or the
 * claimant sees what it stored.
 */
export interface Throne {
  /** Takes it, above everything stored. Resolves with the epoch. Rejects with `storage-failed`. */
  claim(): Promise<number>;
  /** Whether nobody has a higher claim, as far as the keys say. A storage that was wiped is nobody's. */
  isHeld(epoch: number, keys: readonly string[]): boolean;
}

/** The throne in a storage, for one writer. */
export function createThrone(
  storage: GuardedStorage,
  codec: RecordCodec,
  names: JournalKeys,
  writer: () => string,
): Throne {
  const list = async (): Promise<Inventory> => takeInventory(names, await storage.keys());

  async function write(claim: Claim): Promise<void> {
    const key = names.claim(claim);
    await storage.set(key, await codec.encode('claim', key, JSON.stringify(claim)));
  }

  /** Claims that are beaten say nothing any more. What cannot be removed goes with the next claim. */
  async function removeBeaten({ claims }: Inventory, by: Claim): Promise<void> {
    const beaten = claims.filter((claim) => compareClaims(claim, by) < 0);
    await Promise.allSettled(beaten.map((claim) => storage.remove(names.claim(claim))));
  }

  return {
    async claim() {
      for (let inventory = await list(); ;) {
        if (inventory.newer) throw storageNewer();
        const claim: Claim = { epoch: inventory.epoch + 1, writer: writer() };
        await write(claim);
        inventory = await list();
        if (inventory.claims.every((other) => compareClaims(other, claim) <= 0)) {
          await removeBeaten(inventory, claim);
          return claim.epoch;
        }
      }
    },
    isHeld(epoch, keys) {
      const { claims } = takeInventory(names, keys);
      return claims.every((other) => compareClaims(other, { epoch, writer: writer() }) <= 0);
    },
  };
}
