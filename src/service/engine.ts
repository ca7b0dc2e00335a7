import type { Subject } from 'rxjs';
import type { Actor } from 'xstate';
import type { SyncEvent as RootEvent, syncMachine } from '../../machines/sync.machine.ts';
import type { Decision } from '../actors/entity.actors.ts';
import type { EntityLoader } from '../actors/load-entities.ts';
import type { ConflictIndex } from '../conflicts/conflict-index.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { EntityStep, JournalEntry } from '../store/entry.ts';
import type { ChangeOrigin, EntitySlot, Replica } from '../store/replica.ts';
import type { Channels } from './channels.ts';
import type { Counts } from './counts.ts';
import type { SyncEvent } from './events.ts';
import type { Fates } from './fates.ts';
import type { Following } from './following.ts';
import type { Identity } from './identity.ts';
import type { LocalData } from './local-data.ts';
import type { LocalWrites } from './local-writes.ts';
import type { Observers } from './observers.ts';
import type { OperationIndex } from './operation-index.ts';
import type { PullWaiters } from './pull-waiters.ts';
import type { Settings } from './settings.ts';
import type { Status } from './status.ts';
import type { TabCall, TabRequest } from './tab-message.ts';
import type { Tabs } from './tabs.ts';
import type { Troubles } from './troubles.ts';

/** All parts of a service, put together. Nothing runs before `start`. */
export interface Engine {
  readonly settings: Settings;
  readonly canPull: boolean;
  readonly actor: Actor<typeof syncMachine>;
  readonly replica: Replica;
  readonly data: LocalData;
  readonly writes: LocalWrites;
  readonly outbox: Outbox;
  readonly operations: OperationIndex;
  readonly conflicts: ConflictIndex;
  readonly troubles: Troubles;
  readonly decisions: Map<string, Decision>;
  readonly loader: EntityLoader;
  readonly observers: Observers;
  readonly fates: Fates;
  readonly counts: Counts;
  readonly status: Status;
  readonly channels: Channels;
  readonly following: Following;
  readonly pulls: PullWaiters;
  readonly identity: Identity;
  readonly tabs: Tabs;
  readonly events$: Subject<SyncEvent>;
  /** Something changed that operations, conflicts or statuses show. At the end of the tick. */
  readonly changed$: Subject<void>;
  /** The local data is loaded. */
  readonly ready: Promise<void>;
  readonly isReady: boolean;
  /** Has the leader, this tab or another, commit the step or the entries. Resolves when they are durable. */
  commitStep(slot: EntitySlot, step: EntityStep, origin?: 'own' | 'remote'): Promise<void>;
  commit(entries: readonly JournalEntry[], origin: 'own' | 'remote'): Promise<void>;
  /** Commits as the leader. */
  commitOwn(entries: readonly JournalEntry[], origin: ChangeOrigin): Promise<void>;
  /** Has the leader do it. */
  request(request: TabRequest): Promise<void>;
  /** In every tab. */
  call(call: TabCall): void;
  wantRealTime(isWanted: boolean): void;
  tellEntity(slot: EntitySlot, event: Extract<RootEvent, { type: 'entity.tell' }>['event']): void;
  send(event: RootEvent): void;
  /** The collection's feed is read from now on. */
  follow(collection: string): void;
  assertOpen(): void;
  /** Calls back when the service has closed, at once if it has. Returns its end. */
  whenClosed(callback: () => void): () => void;
  start(): void;
  close(): Promise<void>;
}
