import type { Journal } from '../journal/journal.ts';
import type { Draft, JournalEntry } from '../store/entry.ts';
import type { ReportStorage } from './storage-reports.ts';

/** A draft and the tab that wrote it. */
export interface Drafted {
  readonly writer: string;
  readonly draft: Draft;
}

/** The leader's knowledge of how far the journals of other tabs are in its log. */
export interface DraftImports {
  /** What was recovered: per writer, the last segment whose drafts are in the log. */
  restart(positions: ReadonlyMap<string, number>): void;
  /** The writer's drafts are in the log up to this segment. */
  note(writer: string, number: number): void;
  /** Takes up what the writer drafted up to this segment. `whole`: drafts of that segment as they were before they were cut. Rejects with `storage-failed`. */
  from(writer: string, number: number, whole?: readonly Draft[]): Promise<void>;
  /** Takes up what every other writer has stored, but for the `heard`. Rejects with `storage-failed`. */
  fromAll(heard: ReadonlySet<string>): Promise<void>;
}

export interface DraftImportsParts {
  journal(): Pick<Journal<JournalEntry>, 'writer' | 'stored' | 'read'>;
  leads(): boolean;
  /** Puts drafts into the log. */
  take(drafted: readonly Drafted[]): void;
  /** Puts into the log that the writer is imported up to this segment. */
  commitNote(writer: string, number: number): void;
  readonly report: ReportStorage;
}

/** Knows of no import. */
export function createDraftImports({ journal, leads, take, commitNote, report }: DraftImportsParts): DraftImports {
  let imported = new Map<string, number>();
  const positionOf = (writer: string): number => imported.get(writer) ?? 0;

  function note(writer: string, number: number): void {
    imported.set(writer, number);
    commitNote(writer, number);
  }

  async function takeOne(writer: string, number: number, whole: readonly Draft[]): Promise<void> {
    const entries = await report(() => journal().read(writer, number));
    if (!leads() || number <= positionOf(writer)) return;
    imported.set(writer, number);
    if (typeof entries === 'string') return;
    const wholeById = new Map(whole.map((draft) => [draft.operation.id, draft]));
    const drafts = entries.flatMap((entry) => (entry.type === 'draft' ? [entry] : []));
    if (drafts.length === 0) return;
    take(drafts.map((draft) => ({ writer, draft: wholeById.get(draft.operation.id) ?? draft })));
    note(writer, number);
  }

  /** `number` is stored, or was: those before it that are not there any more are in the log. */
  async function takeUpTo(
    writer: string,
    number: number,
    stored: readonly number[],
    whole: readonly Draft[],
  ): Promise<void> {
    const last = positionOf(writer);
    for (const next of stored) if (next > last && next <= number) await takeOne(writer, next, whole);
    if (leads() && number > positionOf(writer)) imported.set(writer, number);
  }

  const listStored = () => report(() => journal().stored());

  return {
    restart(positions) {
      imported = new Map(positions);
    },
    note,
    async from(writer, number, whole = []) {
      const last = positionOf(writer);
      if (number <= last) return;
      const stored = number === last + 1 ? [number] : ((await listStored()).get(writer) ?? []);
      await takeUpTo(writer, number, stored, whole);
    },
    async fromAll(heard) {
      const { writer: self } = journal();
      for (const [writer, stored] of await listStored())
        if (writer !== self && !heard.has(writer)) await takeUpTo(writer, stored.at(-1) ?? 0, stored, []);
    },
  };
}
