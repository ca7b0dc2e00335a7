import { Subject } from 'rxjs';
import { fromPromise, type InspectionEvent } from 'xstate';
import type { SyncEvent as RootEvent } from '../../machines/sync.machine.ts';
import { createBackend } from '../actors/backend.ts';
import type { Decision } from '../actors/entity.actors.ts';
import { createLeadershipActors } from '../actors/leadership.actors.ts';
import { wireMachines } from '../actors/wire-machines.ts';
import { createConflictIndex } from '../conflicts/conflict-index.ts';
import { conflictOf } from '../conflicts/conflict-of.ts';
import { createOldTombstones } from '../feed/old-tombstones.ts';
import type { News } from '../feed/news.ts';
import { createKeptBases } from '../outbox/kept-bases.ts';
import { createOutbox, type Outbox } from '../outbox/outbox.ts';
import { chooseReferences } from './choose-references.ts';
import type { ApiClient } from '../ports/api-client.ts';
import { entryOf, type EntityStep, type JournalEntry } from '../store/entry.ts';
import { createRedaction } from '../store/redact.ts';
import { viewAfter } from '../store/entity-transition.ts';
import { createReplica, type ChangeOrigin, type EntitySlot } from '../store/replica.ts';
import { createAnnouncements } from './announcements.ts';
import { createFanOut } from './change-fan-out.ts';
import { createChannels } from './channels.ts';
import { connectTabs } from './connect-tabs.ts';
import { createCounts } from './counts.ts';
import { createEpochs } from './epochs.ts';
import { createFates } from './fates.ts';
import { createFollowing } from './following.ts';
import { parkLost, type HydrationParts } from './hydration.ts';
import { createIdentity } from './identity.ts';
import { createLifecycle } from './lifecycle.ts';
import { createLocalData } from './create-local-data.ts';
import type { LocalData } from './local-data.ts';
import { generationOf, realTimeOf } from './machine-states.ts';
import { createLocalWrites, type LocalWrites } from './local-writes.ts';
import { createObservers, type Observers } from './observers.ts';
import { createOperationIndex } from './operation-index.ts';
import { createOpening } from './opening.ts';
import { createPullWaiters } from './pull-waiters.ts';
import type { Settings } from './settings.ts';
import { createRootActor } from './root-actor.ts';
import { createStatus } from './status.ts';
import type { TabCall } from './tab-message.ts';
import { createSharedNeeds } from './tab-needs.ts';
import { executeRequest } from './tab-requests.ts';
import type { Tabs } from './tabs.ts';
import { createTickTask } from './tick.ts';
import { createTraffic } from './traffic.ts';
import { createTroubles, type Troubles } from './troubles.ts';
import { validateEntity } from './validate.ts';
import type { Engine } from './engine.ts';

/** Puts the parts together. Nothing runs before `start`. */
export function createEngine(
  apiClient: ApiClient,
  settings: Settings,
  inspect?: (event: InspectionEvent) => void,
): Engine {
  const { environment } = settings;
  const { clock } = environment;
  const identity = createIdentity(environment, () => apiClient.clockOffsetMs?.() ?? null);
  const replica = createReplica(settings.policies);
  const references = chooseReferences(
    settings,
    replica,
    (slot) => troubles.awaitsApp(slot),
    (slot) => viewAfter(slot.state, outbox.durablePrefix(slot)),
  );
  const counts = createCounts(references.isBehindRefused);
  const fates = createFates();
  const operations = createOperationIndex(replica.working);
  const pulls = createPullWaiters();
  const tombstones = createOldTombstones(replica, clock);
  const decisions = new Map<string, Decision>();
  const changed$ = new Subject<void>();
  const redaction = createRedaction((collection) => settings.collection(collection).exclude ?? []);
  const following = createFollowing(replica, settings.declared);
  const conflicts = createConflictIndex(replica, (slot) =>
    conflictOf(slot, settings.strategy(slot.collection), settings.policies(slot.collection)),
  );
  const backend = createBackend({
    apiClient,
    clock,
    requestTimeoutMs: settings.requestTimeoutMs,
    clientId: identity.clientId,
    epoch: () => replica.feed.epoch,
  });
  const lifecycle = createLifecycle();

  const announcements = createAnnouncements(conflicts);
  const { events$, emit } = announcements;
  const changeTick = createTickTask(() => changed$.next());
  const changed = () => {
    changeTick.request();
    status.touch();
  };
  const readyTick = createTickTask(() => send({ type: 'work.available' }));

  const outbox: Outbox = createOutbox({
    order: settings.order,
    references,
    isDurable: (id) => data.ledger.isDurable(id),
    ready: () => readyTick.request(),
    laneChanged(slot) {
      observers.statusChanged(slot.collection, slot.id);
      operations.restated();
      changeTick.request();
    },
  });
  const needs = createSharedNeeds(
    following,
    (collection) => follow(collection),
    (isWanted) => send({ type: isWanted ? 'realTime.enable' : 'realTime.disable' }),
  );
  const status = createStatus({ counts, clock, isDurable: () => data.isDurable });
  const troubles: Troubles = createTroubles({
    leads: () => data.epoch !== null,
    conflicts,
    commitStep: (slot, step) => void commitStepOwn(slot, step),
    tell: (...told) => root.tell(...told),
    newId: identity.newId,
    nowIso: identity.nowIso,
    detected: (slot) => announcements.conflict(slot.state.work?.conflict?.id, 'conflict.detected'),
    resolved: (id) => announcements.conflict(id, 'conflict.resolved'),
    parked: (slot) => fanOut.parked(slot),
    restated: (slot) => fanOut.restated(slot),
    changed,
  });
  const observers: Observers = createObservers((collection, id) => writes.read(collection, id));
  const keptBases = createKeptBases();
  const fanOut = createFanOut({
    counts,
    fates,
    identity,
    observers,
    operations,
    outbox,
    references,
    status,
    troubles,
    emit,
    changed,
  });
  const data: LocalData = createLocalData({
    settings,
    replica,
    redaction,
    clientId: identity.clientId,
    stamp: identity.stamp,
    listener: fanOut,
    isElected: () => tabs.election.isElected,
    untilSign: () => tabs.election.untilSign(),
    keptSince: keptBases.since,
    followed: keptBases.followed,
    stored: (number, drafts) => tabs.grown(number, drafts),
    lossy: (slot) => {
      if (lifecycle.isReady) parkLost(hydration, [slot]);
    },
    acknowledged: (key) => traffic.acknowledged(key),
    deposed: () => tabs.election.resign(),
    storageFailed(error) {
      status.failed('storage', error);
      emit(() => ({ type: 'storage.failed', error }));
    },
    storageRecovered: () => status.recovered('storage'),
    storageLost() {
      announcements.storageLost();
      send({ type: 'feed.pull' });
    },
    quarantined: (key, error) => emit(() => ({ type: 'record.quarantined', key, error })),
  });
  const commitOwn = (entries: readonly JournalEntry[], origin: ChangeOrigin): Promise<void> =>
    lifecycle.isOver ? new Promise(() => undefined) : data.ledger.commit(entries, origin);
  const commitStepOwn = (slot: EntitySlot, step: EntityStep): Promise<void> => commitOwn([entryOf(slot, step)], 'own');
  const writes: LocalWrites = createLocalWrites({
    replica,
    ledger: () => data.ledger,
    fates,
    redaction,
    mark: identity.mark,
    newId: identity.newId,
    nowIso: identity.nowIso,
    compose: (slot, intent, mark) => data.compose(slot, intent, mark),
    validate: (collection, entity) => validateEntity(collection, entity, settings.collection(collection).schema),
    shown(collection, id) {
      observers.changedHere(collection, { id, entity: writes.read(collection, id) });
      observers.statusChanged(collection, id);
      changed();
    },
    assertOpen: lifecycle.assertOpen,
  });
  const channels = createChannels((collection, id) => writes.read(collection, id));
  const epochs = createEpochs({
    replica,
    commit: (entries) => commitOwn(entries, 'remote'),
    begun: (epoch) => emit(() => ({ type: 'server.reset', epoch })),
    report: () => send({ type: 'epoch.changed' }),
  });
  const tabs: Tabs = connectTabs({
    settings,
    identity,
    data,
    status,
    troubles,
    needs,
    channels,
    send,
    hearCall,
    execute: (request) => executeRequest(engine, request),
    close: () => engine.close(),
  });
  following.changed$.subscribe(() => tabs.needsChanged());
  status.observe(() => tabs.touch());
  const traffic = createTraffic({
    settings,
    identity,
    replica,
    outbox,
    backend,
    epochs,
    pulls,
    decisions,
    following,
    leadership: createLeadershipActors({
      election: tabs.election,
      clock,
      backOff: settings.backOff,
      leads: () => data.epoch !== null,
      takeOver: () => opening.takeOver(),
      stepDown: () => data.resign(),
    }),
    commit: (entries) => commitOwn(entries, 'remote'),
    flush: () => data.flush(),
    whenStorageFails: (listener) => data.whenFailing(listener),
    report: (event) => send(event),
    generation: () => generationOf(root.snapshotOf('auth')),
    isLive: () => realTimeOf(root.snapshotOf('realTime') ?? null) === 'live',
    resumed: () => void data.verify(),
    tell: hearNews,
    undecided: (slot) => troubles.undecided(slot),
    recovered: (source) => status.recovered(source),
    failed: (...failure) => status.failed(...failure),
    refused: (channel, error) => emit(() => ({ type: 'channel.refused', channel, error })),
    caughtUp(collection) {
      tombstones.passed(collection);
      status.caughtUp(collection);
    },
  });
  const hydration: HydrationParts = {
    data,
    identity,
    replica,
    backend,
    tombstones,
    references,
    operations,
    outbox,
    counts,
    troubles,
    observers,
    writes,
    isOver: () => lifecycle.isOver,
    commitStep: commitStepOwn,
    tell: (...told) => root.tell(...told),
    report: (event) => send(event),
    changed,
  };
  const opening = createOpening({ hydration, lifecycle, status, tabs });
  const hydrating = fromPromise<void>(() => opening.load());
  const shutDown = fromPromise<void>(async () => {
    backend.close();
    await data.close();
    tabs.close();
  });
  const root = createRootActor(
    wireMachines({ ...traffic.actors, hydrate: hydrating, shutDown }, settings.backOff, settings.maxDelayMs),
    clock,
    {
      connectivity: { onLine: environment.network.onLine, canProbe: backend.canProbe },
      realTime: { transport: settings.transport ? 'socket' : backend.canPull ? 'polling' : 'none' },
    },
    inspect,
  );

  /** A call of the app, in this tab or in another. What waits for a time of its own need not wait for it any more when all is to be sent. */
  function hearCall(call: TabCall): void {
    if (call === 'queue.drain') outbox.wake();
    send({ type: call });
  }

  function send(event: RootEvent): void {
    root.send(event);
  }

  /** What a tab still hears whose reign is over is the next leader's to tell. */
  function hearNews(foreign: readonly News[]): void {
    if (!tabs.election.isElected) return;
    channels.tell(foreign);
    if (foreign.length === 0) return;
    void data.flush().then(() =>
      tabs.news(
        data.position,
        foreign.map(({ change }) => change),
      ),
    );
  }

  function follow(collection: string): void {
    if (following.follow(collection)) send({ type: 'feed.pull' });
  }

  const commit = (entries: readonly JournalEntry[], origin: 'own' | 'remote') =>
    tabs.ask({ type: 'commit', entries, origin });

  const engine: Engine = {
    settings,
    canPull: backend.canPull,
    actor: root.actor,
    replica,
    data,
    writes,
    outbox,
    operations,
    conflicts,
    troubles,
    decisions,
    loader: traffic.loader,
    observers,
    fates,
    counts,
    status,
    channels,
    following,
    pulls,
    identity,
    tabs,
    events$,
    changed$,
    ready: lifecycle.ready,
    get isReady() {
      return lifecycle.isReady;
    },
    commitStep: (slot, step, origin = 'own') => commit([entryOf(slot, step)], origin),
    commit,
    commitOwn,
    request: (request) => tabs.ask(request),
    call(call) {
      hearCall(call);
      tabs.call(call);
    },
    wantRealTime(isWanted) {
      needs.want(isWanted);
      tabs.needsChanged();
    },
    tellEntity: root.tell,
    send,
    follow,
    assertOpen: lifecycle.assertOpen,
    whenClosed: lifecycle.whenEnded,
    start() {
      if (!lifecycle.begin()) return;
      root.start();
      status.follow(root.actor);
    },
    close: () => lifecycle.end(stop),
  };
  return engine;

  async function stop(hasBegun: boolean): Promise<void> {
    if (hasBegun) await root.stop();
    status.close();
    events$.complete();
    changed$.complete();
    channels.close();
  }
}
