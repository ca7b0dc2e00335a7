import { fromPromise, type PromiseActorLogic } from 'xstate';
import type { EntityInput, LostOutcome, ResolutionOutcome } from '../../machines/entity.machine.ts';
import { chooseResolution, type ResolutionRules } from '../conflicts/choose-resolution.ts';
import { conflictOf } from '../conflicts/conflict-of.ts';
import { resolutionStep } from '../conflicts/resolution-step.ts';
import type { Resolution } from '../core/conflict.ts';
import type { ISyncEntity } from '../core/entity.ts';
import { newsOf, type News } from '../feed/news.ts';
import type { OperationMark } from '../outbox/compose-operation.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { ownEffectIn, settled } from '../outbox/own-effect.ts';
import type { EntityWork } from '../store/entity-state.ts';
import { complete } from '../store/complete.ts';
import { entryOf, type EntityStep, type JournalEntry } from '../store/entry.ts';
import type { EntitySlot, Replica } from '../store/replica.ts';
import { isSameState } from '../store/versions.ts';
import type { BaseFetcher } from './fetch-base.ts';

/** The actors that the entity machine names. */
export interface EntityActors {
  readonly resolveConflict: PromiseActorLogic<ResolutionOutcome, EntityInput>;
  readonly recordResolution: PromiseActorLogic<void, EntityInput>;
  readonly askOutcome: PromiseActorLogic<LostOutcome, EntityInput>;
}

/** The app's choice for an open conflict, until it is recorded. */
export type Decision = 'local' | 'remote' | ISyncEntity | null;

/** What the actors work with. */
export interface EntityParts {
  readonly replica: Replica;
  readonly outbox: Outbox;
  readonly fetcher: BaseFetcher;
  /** By conflict id. */
  readonly decisions: Map<string, Decision>;
  rules(collection: string): ResolutionRules;
  commit(entries: readonly JournalEntry[]): Promise<void>;
  /** Resolves when everything written so far is durable or taken back. */
  flush(): Promise<void>;
  mark(): OperationMark;
  newId(): string;
  nowIso(): string;
  acknowledged(key: string): void;
  /** Foreign changes, for those who listen. */
  tell(foreign: readonly News[]): void;
  /** A strategy left the conflict to the app. */
  undecided(slot: EntitySlot): void;
  /** Rejects when a resolver took too long. */
  limit<T>(promise: Promise<T>): Promise<T>;
}

const isKnown = { attempts: 0, unknown: false, asking: false, notBefore: 0 };
const maxRounds = 10;

interface Chosen {
  readonly work: EntityWork;
  readonly outcome: ISyncEntity | null;
}

/**
 * What the entity machine's actors do. Conflicts, decisions and entities stay here: nothing of them passes through a machine.
 * What one does after its machine has left it has no effect: another may be at the same entity.
 */
export function createEntityActors(parts: EntityParts): EntityActors {
  const chosenBySlot = new Map<EntitySlot, Chosen>();
  const slotOf = ({ collection, entityId }: EntityInput) => parts.replica.slot(collection, entityId);
  const commitStep = (slot: EntitySlot, step: EntityStep) => parts.commit([entryOf(slot, step)]);

  async function choose(slot: EntitySlot, signal: AbortSignal): Promise<ResolutionOutcome> {
    await parts.flush();
    if (signal.aborted) return 'moot';
    const rules = parts.rules(slot.collection);
    const conflict = conflictOf(slot, rules.strategy, rules.policies);
    const { work } = slot.state;
    if (!conflict || !work) return 'moot';
    const resolution: Resolution =
      work.rounds > maxRounds
        ? 'manual'
        : await parts.limit(chooseResolution(conflict, rules)).catch(() => 'manual' as const);
    if (signal.aborted) return 'moot';
    if (slot.state.work !== work) return choose(slot, signal);
    if (resolution === 'manual') {
      parts.undecided(slot);
      return 'undecided';
    }
    chosenBySlot.set(slot, { work, outcome: resolution.entity });
    return 'resolved';
  }

  function decided(slot: EntitySlot, work: EntityWork): Chosen | null {
    const decision = parts.decisions.get(work.conflict?.id ?? '');
    if (decision === undefined) return null;
    if (decision === 'local') return { work, outcome: work.view };
    if (decision === 'remote') return { work, outcome: work.foreign?.entity ?? null };
    return { work, outcome: decision };
  }

  async function record(slot: EntitySlot, signal: AbortSignal): Promise<void> {
    const { work } = slot.state;
    const { strategy, policies } = parts.rules(slot.collection);
    const conflict = conflictOf(slot, strategy, policies);
    if (!work || !conflict) return;
    const chosen = decided(slot, work) ?? chosenBySlot.get(slot);
    chosenBySlot.delete(slot);
    if (!chosen || chosen.work !== work) {
      const outcome = await choose(slot, signal);
      if (signal.aborted) return;
      if (outcome === 'undecided' && !parts.decisions.has(conflict.id))
        throw new Error('The entity has changed, and the strategy leaves it to the app.');
      return record(slot, signal);
    }
    parts.decisions.delete(conflict.id);
    await commitStep(slot, resolutionStep(conflict, work, chosen.outcome, parts.mark()));
  }

  async function ask(slot: EntitySlot, signal: AbortSignal): Promise<LostOutcome> {
    const request = slot.state.work?.request;
    if (!request) {
      parts.outbox.change(slot, isKnown);
      return 'notApplied';
    }
    const fetched = await parts.fetcher.fetch(slot);
    if (signal.aborted || fetched.type === 'failed') return 'unreachable';
    const { base } = fetched;
    if (slot.state.work?.request !== request) return parts.outbox.lane(slot).asking ? ask(slot, signal) : 'notApplied';
    const key = request.idempotencyKey;
    const own = ownEffectIn(slot.state, base);
    if (own) {
      parts.acknowledged(key);
      void parts.commit(settled(key, own).map((step) => entryOf(slot, step)));
      parts.outbox.change(slot, isKnown);
      return 'applied';
    }
    const before = complete(slot.state, base).base;
    const isUntouched = (base.entity === null && !before?.entity) || (before !== null && isSameState(base, before));
    if (!isUntouched) {
      const news = newsOf(slot, base);
      void commitStep(slot, { type: 'conflict', key, remote: base, id: parts.newId(), at: parts.nowIso() });
      parts.tell(news);
    }
    parts.outbox.change(slot, isUntouched ? { asking: false } : isKnown);
    return isUntouched ? 'notApplied' : 'conflicting';
  }

  return {
    resolveConflict: fromPromise<ResolutionOutcome, EntityInput>(({ input, signal }) => choose(slotOf(input), signal)),
    recordResolution: fromPromise<void, EntityInput>(({ input, signal }) => record(slotOf(input), signal)),
    askOutcome: fromPromise<LostOutcome, EntityInput>(({ input, signal }) => ask(slotOf(input), signal)),
  };
}
