import { SyncError } from '../core/errors.ts';
import type { GuardedStorage } from './guarded-storage.ts';
import { takeInventory } from './inventory.ts';
import type { Inventory } from './inventory.ts';
import { compareClaims, compareStamps } from './keys.ts';
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
   * change nothing, when this writer does not lead, or when another writer's manifest or a newer format has superseded what is
   * known here. Neither to be called twice at a time nor beside `verify`.
   */
  write(): Promise<void>;
  /** False when what was stored has vanished; `onLost` was called then. Rejects with `storage-failed`. */
  verify(): Promise<boolean>;
  /** Goes on from what was recovered anew. To be called while neither `write` nor `verify` is under way. */
  rebase(recovered: Recovered): void;
  /** The durable state contains the journal of another writer up to this segment. */
  include(writer: string, number: number): void;
}

export interface CheckpointOptions {
  readonly storage: GuardedStorage;
  readonly codec: RecordCodec;
  readonly names: JournalKeys;
  readonly pacer: Pacer;
  readonly writer: string;
  /** Null: this writer does not lead. */
  epoch(): number | null;
  /** This writer read everything after it had claimed: what those before it store still adds nothing. */
  readonly hasClaimed: boolean;
  readonly source: PageSource;
  readonly recovered: Recovered;
  /** The last segment that this writer has stored. */
  lastSegment(): number;
  onLost(): void;
  /** A writer that led before has stored pages after all, or withdrawn them: every page is to be written again. */
  onOvertaken(): void;
  /** Another writer has a higher claim than this one, which leads. */
  onBeaten(): void;
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
  const { storage, codec, names, pacer, writer, source } = options;
  let recovered = options.recovered;
  let others: Position = recovered.position;
  let known: Known = { ...recovered, isAccurate: !recovered.isCheckpointDue };
  let pagesSize = sizeOf(recovered.pages);
  let serial = 0;
  const position = (): Position => ({ ...others, [writer]: options.lastSegment() });
  const nextStamp = (): Stamp => ({ format: names.format, epoch: options.epoch() ?? 0, serial: (serial += 1), writer });
  const draft = createPageDraft({
    storage,
    codec,
    names,
    pacer,
    source,
    due: recovered.outdatedPages,
    position,
    nextStamp,
  });

  const leads = (): boolean => options.epoch() !== null;

  const list = async (): Promise<Inventory> => takeInventory(names, await storage.keys());

  /** Manifests of others that are newer than the one known here. */
  const rivals = (inventory: Inventory): readonly Stamp[] =>
    inventory.manifests.filter(
      (stamp) =>
        stamp.writer !== writer &&
        !recovered.spared.has(names.manifest(stamp)) &&
        (known.manifest === null || compareStamps(stamp, known.manifest) > 0),
    );

  const isBeaten = (inventory: Inventory): boolean => {
    const epoch = options.epoch();
    return (
      epoch !== null &&
      [...inventory.claims, ...rivals(inventory)].some((claim) => compareClaims(claim, { epoch, writer }) > 0)
    );
  };

  const isSuperseded = (inventory: Inventory): boolean =>
    !leads() || inventory.newer || isBeaten(inventory) || (!options.hasClaimed && rivals(inventory).length > 0);

  /** Pages that are listed here may be gone: none of them is built upon. */
  function startOver(): void {
    known = { manifest: null, pages: new Map(), emptyPages: new Set(), covered: {}, isAccurate: false };
    draft.forget();
  }

  function judge(inventory: Inventory): 'current' | 'overtaken' | 'superseded' {
    if (options.hasClaimed && isBeaten(inventory)) options.onBeaten();
    if (isSuperseded(inventory)) return 'superseded';
    return known.manifest !== null && rivals(inventory).length > 0 ? 'overtaken' : 'current';
  }

  async function inspect(): Promise<'current' | 'superseded' | 'lost'> {
    if (!leads()) return 'superseded';
    const { manifest } = known;
    const last = options.lastSegment();
    const inventory = await list();
    const standing = judge(inventory);
    if (standing === 'superseded') return 'superseded';
    const isManifestGone = manifest !== null && !inventory.keys.has(names.manifest(manifest));
    const isSegmentThere = inventory.keys.has(names.segment(writer, last));
    const isWithdrawn = isManifestGone && manifest.writer !== writer && isSegmentThere;
    if (standing === 'overtaken' || isWithdrawn) {
      startOver();
      options.onOvertaken();
      return 'current';
    }
    const isSegmentGone = last > 0 && !isCovered(known.covered, writer, last) && !isSegmentThere;
    if (!isManifestGone && !isSegmentGone) {
      others = Object.fromEntries(Object.entries(others).filter(([other]) => inventory.segmentsByWriter.has(other)));
      return 'current';
    }
    others = {};
    startOver();
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
      await draft.store(due, covered, leads);
      await pacer.turn();
      if (!leads()) return;
      const { pages, emptyPages } = draft.over(known, due);
      const manifest = await storeManifest(covered, pages);
      const inventory = await list();
      const standing = judge(inventory);
      if (standing !== 'current') {
        if (standing === 'overtaken') {
          startOver();
          options.onOvertaken();
        }
        await storage.remove(names.manifest(manifest));
        return;
      }
      known = { manifest, pages, emptyPages, covered, isAccurate: true };
      pagesSize = sizeOf(pages);
      draft.forget();
      await sweep(manifest, inventory);
    },
    verify: async () => (await inspect()) !== 'lost',
    rebase(next) {
      recovered = next;
      others = next.position;
      known = { ...next, isAccurate: !next.isCheckpointDue };
      pagesSize = sizeOf(next.pages);
      draft.restart(next.outdatedPages);
    },
    include(other, number) {
      if (number > (others[other] ?? 0)) others = { ...others, [other]: number };
    },
  };
}

function sizeOf(pages: ReadonlyMap<number, StoredPage>): number {
  let sum = 0;
  for (const { size } of pages.values()) sum += size;
  return sum;
}
