import type { BackendFact } from '../../machines/facts.ts';
import type { ISyncEntity } from '../core/entity.ts';
import { SyncError } from '../core/errors.ts';
import { newsOf, type News } from '../feed/news.ts';
import { entryOf, type JournalEntry } from '../store/entry.ts';
import type { EntitySlot, Replica } from '../store/replica.ts';
import type { BaseFetcher, Fetched } from './fetch-base.ts';

/** Takes in what no feed told: no feed will tell it again. */
export interface EntityLoader {
  /** Fetches one entity. Resolves when it is durable. Rejects with what the backend refused it with, or `invalid-entity`. */
  load(slot: EntitySlot): Promise<void>;
  /** What the app fetched itself. Resolves when it is durable. */
  receive(entries: readonly JournalEntry[]): Promise<void>;
}

export interface LoaderParts {
  readonly replica: Replica;
  readonly fetcher: Pick<BaseFetcher, 'fetch'>;
  commit(entries: readonly JournalEntry[]): Promise<void>;
  report(fact: BackendFact): void;
  generation(): number;
  /** Foreign changes, for those who listen. */
  tell(foreign: readonly News[]): void;
  /** Throws what the app's schema has against the entity. */
  validate(collection: string, entity: ISyncEntity): void;
}

export function createEntityLoader(parts: LoaderParts): EntityLoader {
  async function take(entries: readonly JournalEntry[], news: readonly News[]): Promise<void> {
    const durable = parts.commit(entries);
    parts.tell(news);
    await durable;
  }

  return {
    async load(slot) {
      const { collection, id } = slot;
      const generation = parts.generation();
      const fetched = await parts.fetcher.fetch(slot);
      const fact = factOf(fetched, generation);
      if (fact) parts.report(fact);
      if (fetched.type === 'failed') {
        const { code, message, status } = fetched.verdict.error;
        throw new SyncError(code, message, { collection, entityId: id, status });
      }
      const { base } = fetched;
      if (base.entity) parts.validate(collection, base.entity);
      await take([entryOf(slot, { type: 'receive', base, trusted: true })], newsOf(slot, base));
    },
    receive(entries) {
      const news = entries.flatMap((entry) =>
        entry.type === 'feed'
          ? entry.changes.flatMap((change) =>
              'base' in change ? newsOf(parts.replica.slot(entry.collection, change.id), change.base) : [],
            )
          : [],
      );
      return take(entries, news);
    },
  };
}

/** A value that is no record tells of this entity, not of the way to the backend. */
function factOf(fetched: Fetched, generation: number): BackendFact | null {
  if (fetched.type === 'found') return { type: 'request.authorized', generation, purpose: 'read' };
  const { verdict } = fetched;
  if (verdict.type !== 'unanswered' && verdict.type !== 'deferred') return { type: 'backend.answered' };
  switch (verdict.reach) {
    case 'answered':
      return { type: 'backend.answered' };
    case 'unauthorized':
      return { type: 'request.unauthorized', generation, purpose: 'read' };
    case 'intercepted':
      return { type: 'backend.intercepted' };
    case 'unreachable':
      return verdict.error.code === 'bad-response' ? null : { type: 'backend.unreachable' };
  }
}
