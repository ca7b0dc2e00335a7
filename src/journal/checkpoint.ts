import { SyncError } from '../core/errors.ts';
import type { GuardedStorage } from './guarded-storage.ts';
import { takeInventory } from './inventory.ts';
import type { Inventory } from './inventory.ts';
import { compareStamps } from './keys.ts';
import type { JournalKeys, Stamp } from './keys.ts';
import { formatManifest } from './manifest.ts';
import type { StoredPage } from './manifest.ts';
import type { Pacer } from './pacer.ts';
import { createPageDraft } from './page-draft.ts';
import type { PageSource } from './page-source.ts';
import { covers, isCovered } from './position.ts';
import type { Position } from './position.ts';
import type { RecordCodec } from './record-codec.ts';
import type { Recovered } from './recovery.ts';
import { findGarbage, removeKeys } from './sweep.ts';

/** Keeps the stored pages up with the journal, copy on write: what is stored is whole at every instant. */
export interface Checkpoint {
  /** Size of the pages that the newest manifest lists. */
  readonly pagesSize: number;
  /**
   * Stores dirty pages under new keys, then a manifest, then removes what is covered. Does nothing when that would
   * change nothing, or when another writer's manifest or a newer format has superseded what is known here. Not to be called twice at a time.
   */
  write(): Promise<void>;
  /** False when what was stored has vanished; `onLost` was called then. */
  verify(): Promise<boolean>;
}

export interface CheckpointOptions {
  readonly storage: GuardedStorage;
  readonly codec: RecordCodec;
  readonly names: JournalKeys;
  readonly pacer: Pacer;
  readonly writer: string;
  readonly epoch: number;
  readonly source: PageSource;
  readonly recovered: Recovered;
  /** The last segment that this writer has stored. */
  lastSegment(): number;
  onLost(): void;
}

interface Known {
  readonly manifest: Stamp | null;
  readonly pages: ReadonlyMap<number, StoredPage>;
  readonly emptyPages: ReadonlySet<number>;
  readonly covered: Position;
  /** Whether the manifest tells what is there. */
  readonly isAccurate: boolean;
}

/** Checkpoints on top of what was recovered. */
export function createCheckpoint(options: CheckpointOptions): Checkpoint {
  const { storage, codec, names, pacer, writer, epoch, source, recovered } = options;
  let others: Position = recovered.position;
  let known: Known = { ...recovered, isAccurate: !recovered.isCheckpointDue };
  let pagesSize = sizeOf(recovered.pages);
  let serial = 0;
  const position = (): Position => ({ ...others, [writer]: options.lastSegment() });
  const nextStamp = (): Stamp => ({ format: names.format, epoch, serial: (serial += 1), writer });
  const due = recovered.outdatedPages;
  const draft = createPageDraft({ storage, codec, names, pacer, source, due, position, nextStamp });

  const list = async (): Promise<Inventory> => takeInventory(names, await storage.keys());

  const isSuperseded = (inventory: Inventory): boolean =>
    inventory.newer ||
    inventory.manifests.some(
      (stamp) =>
        stamp.writer !== writer &&
        !recovered.spared.has(names.manifest(stamp)) &&
        (known.manifest === null || compareStamps(stamp, known.manifest) > 0),
    );

  async function inspect(): Promise<'current' | 'superseded' | 'lost'> {
    const { manifest } = known;
    const last = options.lastSegment();
    const inventory = await list();
    if (isSuperseded(inventory)) return 'superseded';
    const isManifestGone =
      manifest !== null && manifest === known.manifest && !inventory.keys.has(names.manifest(manifest));
    const isSegmentGone =
      last > 0 && !isCovered(known.covered, writer, last) && !inventory.keys.has(names.segment(writer, last));
    if (!isManifestGone && !isSegmentGone) {
      others = Object.fromEntries(Object.entries(others).filter(([other]) => inventory.segmentsByWriter.has(other)));
      return 'current';
    }
    others = {};
    known = { manifest: null, pages: new Map(), emptyPages: new Set(), covered: {}, isAccurate: false };
    draft.forget();
    options.onLost();
    return 'lost';
  }

  async function storeManifest(covered: Position, pages: ReadonlyMap<number, StoredPage>): Promise<Stamp> {
    const stamp = nextStamp();
    const key = names.manifest(stamp);
    const json = formatManifest({ pages, meta: source.meta(), position: position(), covered });
    await storage.set(key, await codec.encode('manifest', key, json));
    return stamp;
  }

  async function sweep(manifest: Stamp, inventory: Inventory): Promise<void> {
    const { pages, covered } = known;
    const garbage = findGarbage(names, inventory, { manifest, pages, covered, spared: recovered.spared });
    try {
      await removeKeys(storage, garbage, pacer.turn);
    } catch (error) {
      if (!(error instanceof SyncError)) throw error;
    }
  }

  return {
    get pagesSize() {
      return pagesSize;
    },
    async write() {
      if ((await inspect()) === 'superseded') return;
      const covered = position();
      const due = new Set([...draft.owed, ...source.dirty()]);
      if (due.size === 0 && known.isAccurate && covers(known.covered, covered)) return;
      await draft.store(due, covered);
      await pacer.turn();
      const { pages, emptyPages } = draft.over(known, due);
      const manifest = await storeManifest(covered, pages);
      const inventory = await list();
      if (isSuperseded(inventory)) {
        await storage.remove(names.manifest(manifest));
        return;
      }
      known = { manifest, pages, emptyPages, covered, isAccurate: true };
      pagesSize = sizeOf(pages);
      draft.forget();
      await sweep(manifest, inventory);
    },
    verify: async () => (await inspect()) !== 'lost',
  };
}

function sizeOf(pages: ReadonlyMap<number, StoredPage>): number {
  let sum = 0;
  for (const { size } of pages.values()) sum += size;
  return sum;
}
