import type { Subscription } from 'rxjs';
import { createElection, type Election } from '../actors/election.ts';
import { SyncError, toErrorInfo, type SyncErrorInfo } from '../core/errors.ts';
import type { RemoteChange } from '../core/record.ts';
import type { Draft } from '../store/entry.ts';
import type { Settings } from './settings.ts';
import {
  readTabMessage,
  type SharedState,
  type TabCall,
  type TabMessage,
  type TabNeeds,
  type TabRequest,
} from './tab-message.ts';
import { hasContent, withoutContent } from './tab-discretion.ts';
import { createTickTask } from './tick.ts';

/** The other tabs of this name and user, and this one's place among them. */
export interface Tabs {
  readonly election: Election;
  /** Whether it is out of the question that another tab has taken over unnoticed. */
  isCertain(): boolean;
  /** Begins to listen and to stand for leader. Resolves with the first outcome. */
  open(): Promise<'leader' | 'follower'>;
  /** The data of this tab is its own after all. */
  leave(): void;
  /** This tab leads from now on. */
  reigns(epoch: number): void;
  /** A segment of this tab's journal is stored. `drafts`: those in it whose stored form lacks something. */
  grown(number: number, drafts: readonly Draft[]): void;
  /** What the others show of this tab's state has changed. */
  touch(): void;
  news(number: number, changes: readonly RemoteChange[]): void;
  /** What this tab needs the leader to listen to has changed. */
  needsChanged(): void;
  /** Has the leader do something, whoever leads by then. Rejects with what it rejects with. */
  ask(request: TabRequest): Promise<void>;
  /** Does the same in every other tab. */
  call(call: TabCall): void;
  /** Ends the service in every other tab. Resolves when those that are alive have ended, within a second. */
  signOut(): Promise<void>;
  close(): void;
}

export interface TabsParts {
  readonly settings: Settings;
  readonly self: string;
  newId(): string;
  /** The last stored segment of this tab's journal. */
  position(): number;
  /** This tab's place now: the epoch in which it leads, and the last segment of its journal. */
  reign(): { readonly epoch: number; readonly number: number } | null;
  needs(): TabNeeds;
  state(): { readonly state: SharedState; readonly undecided: readonly string[] };
  /** Looks for journals that nobody told of. */
  adopt(): void;
  /** A journal has grown. `drafts`: as the tab has them. */
  heardGrowth(from: string, number: number, isLeader: boolean, drafts?: readonly Draft[]): void;
  /** Resolves when this tab shows what the leader has stored up to the segment. */
  caughtUp(leader: string, number: number): Promise<void>;
  heardState(state: SharedState, undecided: readonly string[]): void;
  heardNews(from: string, number: number, changes: readonly RemoteChange[]): void;
  /** Null: the tab is gone. */
  heardNeeds(from: string, needs: TabNeeds | null): void;
  heardCall(call: TabCall): void;
  /** Asked as leader. */
  execute(request: TabRequest): Promise<void>;
  signedOut(): void;
}

interface Asked {
  readonly request: TabRequest;
  resolve(): void;
  reject(error: SyncError): void;
}

const farewellMs = 1_000;
/** A tab that died before it could tell of a draft is noticed within this time, and another leader, where locks do not lock. */
const patrolMs = 30_000;
/** So many requests of other tabs are known again when they are repeated. */
const keptAnswers = 1_000;

/** Tabs that are not listened to yet. Where none can share the storage, this one leads. */
export function createTabs(parts: TabsParts): Tabs {
  const { settings, self } = parts;
  const { environment, isShared } = settings;
  const { clock } = environment;
  const name = `syncline/${encodeURIComponent(settings.name)}/${encodeURIComponent(settings.user)}`;
  /** By tab, whether it said that the lock keeps it waiting. */
  const others = new Map<string, boolean>();
  const asked = new Map<string, Asked>();
  const executed = new Map<string, Promise<void>>();
  let channel: ReturnType<NonNullable<typeof environment.tabs>['open']> | null = null;
  let listening: Subscription | null = null;
  let leader: string | null = null;
  let farewell: (() => void) | null = null;
  let told = '';
  let patrol: unknown = null;

  const isDiscreet = settings.isSecretive && environment.tabs?.passesThroughDisk === true;

  function post(message: TabMessage): void {
    const fit = isDiscreet ? withoutContent(message) : message;
    if (fit) channel?.post(fit);
  }

  const from = self;

  const election = createElection({
    locks: environment.locks,
    clock,
    name,
    self,
    ping: () => post({ from, type: 'ping', number: parts.position(), isKeptWaiting: election.isKeptWaiting }),
    random: () => environment.random(),
  });

  function tellReign(): void {
    const reign = parts.reign();
    if (reign) post({ from, type: 'reign', ...reign });
  }

  const stateTick = createTickTask(() => {
    if (!channel || !parts.reign() || others.size === 0) return;
    const { state, undecided } = parts.state();
    const text = JSON.stringify([state, undecided]);
    if (text === told) return;
    told = text;
    post({ from, type: 'status', state, undecided });
  });

  function tellState(): void {
    told = '';
    stateTick.request();
  }

  function watchJournals(): void {
    clock.clearTimeout(patrol);
    if (!channel || !parts.reign()) return;
    patrol = clock.setTimeout(() => {
      tellReign();
      parts.adopt();
      watchJournals();
    }, patrolMs);
  }

  function welcome(): void {
    tellReign();
    if (parts.reign()) parts.adopt();
    tellState();
  }

  /** Whatever was asked for and not answered is asked for again: a leader does nothing twice. */
  function heardReign(writer: string): void {
    if (leader !== writer) post({ from, type: 'needs', needs: parts.needs() });
    leader = writer;
    for (const [id, { request }] of asked) post({ from, type: 'ask', id, request });
  }

  function hear(message: TabMessage): void {
    if (message.from === self) return;
    if (message.type === 'bye') {
      others.delete(message.from);
      if (message.from === leader) election.ended();
      parts.heardNeeds(message.from, null);
      if (others.size === 0) farewell?.();
      return;
    }
    if (!others.has(message.from)) others.set(message.from, false);
    switch (message.type) {
      case 'hello':
        return welcome();
      case 'ping':
        others.set(message.from, message.isKeptWaiting);
        if (election.isElected && !parts.reign()) post({ from, type: 'elected' });
        tellReign();
        return parts.heardGrowth(message.from, message.number, false);
      case 'elected':
        return election.answered();
      case 'reign':
        election.heard(message);
        if (parts.reign()) return;
        heardReign(message.from);
        return parts.heardGrowth(message.from, message.number, true);
      case 'grown':
        return parts.heardGrowth(message.from, message.number, message.from === leader, message.drafts);
      case 'status':
        if (message.from === leader && !parts.reign()) parts.heardState(message.state, message.undecided);
        return;
      case 'news':
        if (message.from === leader) parts.heardNews(message.from, message.number, message.changes);
        return;
      case 'needs':
        parts.heardNeeds(message.from, message.needs);
        return tellState();
      case 'ask':
        return parts.reign() ? execute(message.id, message.request) : undefined;
      case 'answer':
        return void parts.caughtUp(message.from, message.number).then(() => settle(message.id, message.error));
      case 'call':
        return parts.heardCall(message.call);
      case 'signOut':
        return parts.signedOut();
    }
  }

  function execute(id: string, request: TabRequest): void {
    const done = executed.get(id) ?? parts.execute(request);
    executed.set(id, done);
    const oldest = executed.size > keptAnswers ? executed.keys().next().value : undefined;
    if (oldest !== undefined) executed.delete(oldest);
    const answer = (error: SyncErrorInfo | null) => post({ from, type: 'answer', id, number: parts.position(), error });
    done.then(
      () => answer(null),
      (error: SyncError) => answer(toErrorInfo(error)),
    );
  }

  function settle(id: string, error: SyncErrorInfo | null): void {
    const waiting = asked.get(id);
    asked.delete(id);
    if (error) waiting?.reject(new SyncError(error.code, error.message, error));
    else waiting?.resolve();
  }

  /** What other tabs were asked for is this one's to do now. */
  function executeOwn(): void {
    for (const [id, { request }] of [...asked]) {
      parts.execute(request).then(
        () => settle(id, null),
        (error: SyncError) => settle(id, toErrorInfo(error)),
      );
    }
  }

  function disconnect(): void {
    clock.clearTimeout(patrol);
    post({ from, type: 'bye' });
    listening?.unsubscribe();
    channel?.close();
    channel = null;
  }

  return {
    election,
    isCertain: () => election.isCertain() && [...others.values()].every((isKeptWaiting) => isKeptWaiting),
    open() {
      if (!isShared || !environment.tabs) {
        election.appoint();
        return Promise.resolve('leader');
      }
      channel = environment.tabs.open(name);
      listening = channel.messages$.subscribe((value) => {
        const message = readTabMessage(value);
        if (message && channel) hear(message);
      });
      post({ from, type: 'hello' });
      return election.stand();
    },
    leave() {
      election.appoint();
      disconnect();
    },
    reigns(epoch) {
      election.leads(epoch);
      leader = self;
      watchJournals();
      tellReign();
      executeOwn();
      tellState();
    },
    grown(number, drafts) {
      if (others.size === 0) return;
      post({ from, type: 'grown', number, ...(drafts.length > 0 ? { drafts } : {}) });
    },
    touch: stateTick.request,
    news(number, changes) {
      if (others.size > 0) post({ from, type: 'news', number, changes });
    },
    needsChanged() {
      if (channel && !parts.reign()) post({ from, type: 'needs', needs: parts.needs() });
    },
    ask(request) {
      return new Promise<void>((resolve, reject) => {
        if (isDiscreet && hasContent(request)) return reject(unsupported());
        const id = parts.newId();
        asked.set(id, { request, resolve, reject });
        post({ from, type: 'ask', id, request });
      });
    },
    call: (call) => post({ from, type: 'call', call }),
    signOut() {
      if (!channel || others.size === 0) return Promise.resolve();
      return new Promise<void>((resolve) => {
        const timer = clock.setTimeout(() => farewell?.(), farewellMs);
        farewell = () => {
          clock.clearTimeout(timer);
          farewell = null;
          resolve();
        };
        post({ from, type: 'signOut' });
      });
    },
    close() {
      disconnect();
      election.close();
    },
  };
}

function unsupported(): SyncError {
  return new SyncError(
    'unsupported',
    'Another tab leads, and this browser has no BroadcastChannel: what is excluded or encrypted cannot be told to it. Do this in the tab that leads.',
  );
}
