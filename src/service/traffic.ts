import type { SyncEvent as RootEvent } from '../../machines/sync.machine.ts';
import type { Backend } from '../actors/backend.ts';
import { createDrain } from '../actors/drain.ts';
import { createEntityActors, type Decision } from '../actors/entity.actors.ts';
import { createBaseFetcher } from '../actors/fetch-base.ts';
import { createVerdictHandler } from '../actors/handle-verdict.ts';
import { createEntityLoader, type EntityLoader } from '../actors/load-entities.ts';
import { createPlatformWatch, createPoll, createProbe } from '../actors/platform.actors.ts';
import { createPull } from '../actors/pull.ts';
import { createSender } from '../actors/send-requests.ts';
import { createSocket } from '../actors/socket.ts';
import { createChangeTaker } from '../actors/take-changes.ts';
import type { LeadershipActors } from '../actors/leadership.actors.ts';
import type { MachineActors } from '../actors/wire-machines.ts';
import type { ISyncEntity } from '../core/entity.ts';
import { SyncError, toErrorInfo, type SyncErrorInfo } from '../core/errors.ts';
import { createSteadyClock } from '../core/steady-clock.ts';
import { createGaps } from '../feed/gaps.ts';
import type { News } from '../feed/news.ts';
import { createOwnKeys } from '../feed/own-keys.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { JournalEntry } from '../store/entry.ts';
import type { EntitySlot, Replica } from '../store/replica.ts';
import type { Epochs } from './epochs.ts';
import type { Following } from './following.ts';
import type { Identity } from './identity.ts';
import type { PullWaiters } from './pull-waiters.ts';
import type { Settings } from './settings.ts';
import type { ErrorSource } from './standing-errors.ts';
import { validateEntity } from './validate.ts';

export interface TrafficParts {
  readonly settings: Settings;
  readonly identity: Identity;
  readonly replica: Replica;
  readonly outbox: Outbox;
  readonly backend: Backend;
  readonly epochs: Epochs;
  readonly pulls: PullWaiters;
  readonly decisions: Map<string, Decision>;
  readonly following: Following;
  readonly leadership: LeadershipActors;
  commit(entries: readonly JournalEntry[]): Promise<void>;
  flush(): Promise<void>;
  whenStorageFails(listener: () => void): () => void;
  report(event: RootEvent): void;
  generation(): number;
  isLive(): boolean;
  /** The page came back from the background. */
  resumed(): void;
  tell(foreign: readonly News[]): void;
  undecided(slot: EntitySlot): void;
  /** `of`: what failed, where one of several may. */
  failed(source: ErrorSource, error: SyncErrorInfo, of?: string): void;
  recovered(source: ErrorSource): void;
  /** The backend does not bring this channel over the socket. */
  refused(channel: string, error: SyncErrorInfo): void;
  /** The feed of the collection was read to its end. */
  caughtUp(collection: string): void;
}

/** What goes to the backend and what comes from it, as the actors of the machines. */
export interface Traffic {
  readonly actors: Omit<MachineActors, 'hydrate' | 'shutDown'>;
  readonly loader: EntityLoader;
  /** A request with this key was acknowledged, whichever tab had sent it. */
  acknowledged(key: string): void;
}

const resolverLimitMs = 30_000;
const defaultPollMs = 30_000;

export function createTraffic(parts: TrafficParts): Traffic {
  const { settings, identity, replica, outbox, backend, epochs, commit, report } = parts;
  const clock = createSteadyClock(settings.environment.clock);
  const { backOff } = settings;
  const ownKeys = createOwnKeys();
  const acknowledged = (key: string) => ownKeys.add(key);
  const gaps = createGaps();
  const common = {
    backend,
    outbox,
    replica,
    clock,
    backOff,
    commit,
    report,
    generation: parts.generation,
    epoch: () => replica.feed.epoch,
    hearEpoch: (asked: string | null, told: string | null) => {
      const life = epochs.hear(asked, told);
      if (life === 'new') report({ type: 'epoch.changed' });
      return life;
    },
    tell: parts.tell,
    isCompared: settings.isCompared,
    counts: (collection: string) => Object.values(settings.policies(collection) ?? {}).includes('counter'),
  };
  const validate = (collection: string, entity: ISyncEntity) =>
    validateEntity(collection, entity, settings.collection(collection).schema);
  let batchSize = settings.batchSize;

  const taker = createChangeTaker({ ...common, isOwnKey: (key) => ownKeys.has(key), acknowledged });
  const handler = createVerdictHandler({
    ...common,
    isIdempotent: backend.isIdempotent,
    newId: identity.newId,
    nowIso: identity.nowIso,
    acknowledged,
    epochChanged: (epoch) => epochs.changed(epoch),
    failed: (error) => parts.failed('send', error),
  });
  const fetcher = createBaseFetcher({ ...common, hear: (...heard) => handler.hear(...heard) });
  const sender = createSender({
    ...common,
    handler,
    fetch: fetcher.fetch,
    whenStorageFails: parts.whenStorageFails,
    newKey: identity.newId,
    shrinkBatches: (size) => {
      batchSize = Math.max(1, Math.min(batchSize, size));
    },
  });
  const usesBatches = backend.canBatch && settings.order === 'entity';

  const askOutcomes = () => {
    for (const slot of outbox.asking()) {
      const { attempts, notBefore } = outbox.lane(slot);
      if (notBefore > clock.now()) continue;
      outbox.change(slot, { attempts: attempts + 1, notBefore: clock.now() + backOff(attempts) });
      const event = { type: 'outcome.ask' } as const;
      report({ type: 'entity.tell', collection: slot.collection, entityId: slot.id, event, trouble: 'unknown' });
    }
  };

  return {
    loader: createEntityLoader({
      ...common,
      fetcher,
      validate,
    }),
    acknowledged,
    actors: {
      probe: createProbe({
        backend,
        reached: () => parts.recovered('probe'),
        failed: (error) => parts.failed('probe', error),
      }),
      refreshToken: settings.refreshToken,
      ...parts.leadership,
      drain: createDrain({
        ...common,
        sender,
        fetcher,
        failed: (error) => parts.failed('send', error),
        batchSize: () => (usesBatches ? batchSize : 1),
        concurrency: usesBatches ? 2 : settings.concurrency,
        askOutcomes,
      }),
      pullChanges: createPull({
        ...common,
        taker,
        fetcher,
        followed: parts.following.collections,
        pullLimit: settings.pullLimit,
        hearEpoch: epochs.hear,
        noteEpoch: (epoch) => epochs.note(epoch),
        began(collection) {
          gaps.began(collection);
          parts.pulls.began(collection);
        },
        ended(collection, error) {
          if (error) parts.failed('pull', { code: error.code, message: error.message }, collection);
          else {
            gaps.closed(collection);
            parts.caughtUp(collection);
          }
          parts.pulls.ended(collection, error);
        },
      }),
      resetReplica: epochs.reset,
      openSocket: createSocket({
        ...common,
        transport: settings.transport,
        clientId: identity.clientId,
        taker,
        fetcher,
        gaps,
        canPull: backend.canPull,
        channels$: parts.following.channels$,
        isWhole: parts.following.isWhole,
        pollMs: settings.pullIntervalMs ?? defaultPollMs,
        refused(channel, error) {
          parts.following.refuse(channel);
          parts.refused(channel, toErrorInfo(error));
        },
        hasRefused: parts.following.hasRefused,
        reconsider: parts.following.reconsider,
        followed: parts.following.collections,
        isLive: parts.isLive,
      }),
      poll: createPoll(clock, settings.pullIntervalMs === null ? defaultPollMs : null, () =>
        report({ type: 'feed.pull' }),
      ),
      watchPlatform: createPlatformWatch({
        ...settings.environment,
        pullIntervalMs: settings.pullIntervalMs,
        isLive: parts.isLive,
        resumed: parts.resumed,
      }),
      entity: createEntityActors({
        ...common,
        fetcher,
        decisions: parts.decisions,
        rules: (collection) => ({
          strategy: settings.strategy(collection),
          policies: settings.policies(collection),
          ...identity.clocks(),
          validate: (entity) => validate(collection, { ...entity, updatedAt: identity.nowIso() }),
        }),
        flush: parts.flush,
        mark: () => identity.mark(identity.newId()),
        newId: identity.newId,
        nowIso: identity.nowIso,
        acknowledged,
        undecided: parts.undecided,
        limit: (promise) => withLimit(promise, settings),
      }),
    },
  };
}

function withLimit<T>(promise: Promise<T>, { environment: { clock } }: Settings): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const late = () =>
      reject(new SyncError('timeout', `The conflict resolver did not settle within ${resolverLimitMs} ms.`));
    const timer = clock.setTimeout(late, resolverLimitMs);
    promise.then(resolve, reject).finally(() => clock.clearTimeout(timer));
  });
}
