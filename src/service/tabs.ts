import type { Subscription } from 'rxjs';
import { createElection, type Election } from '../actors/election.ts';
import type { RemoteChange } from '../core/record.ts';
import { createSteadyClock } from '../core/steady-clock.ts';
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
import { createTabAsks } from './tab-asks.ts';
import { hasContent, withoutContent } from './tab-discretion.ts';
import { createTickTask } from './tick.ts';

/** The other tabs of this name and user, and this one's place among them. */
export interface Tabs {
  readonly election: Election;
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
  /** Has the leader do something, this tab or whichever leads by then. Rejects with what it rejects with. */
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
  /** Looks for journals that nobody told of. `heard`: tabs that say themselves what they have stored. */
  adopt(heard: ReadonlySet<string>): void;
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

const farewellMs = 1_000;
/** A tab that died before it could tell of a draft is noticed within twice this time, and another leader, where locks do not lock. */
const patrolMs = 30_000;
/** Within this time a leader is heard of again, unless it is frozen or gone. */
const livelyMs = 10_000;
/** A tab in the background says something once a minute at least. One that is silent for longer is frozen or gone, and needs nothing. */
const toleratedPatrols = 3;

/** Tabs that are not listened to yet. Where none can share the storage, this one leads. */
export function createTabs(parts: TabsParts): Tabs {
  const { settings, self } = parts;
  const { environment, isShared } = settings;
  const clock = createSteadyClock(environment.clock);
  const name = `syncline/${encodeURIComponent(settings.name)}/${encodeURIComponent(settings.user)}`;
  /** By tab, patrols since it was heard of. */
  const others = new Map<string, number>();
  let channel: ReturnType<NonNullable<typeof environment.tabs>['open']> | null = null;
  let listening: Subscription | null = null;
  let leader: string | null = null;
  let reignHeard = { epoch: 0, atMs: -Infinity };
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
    ping: () => post({ from, type: 'ping', number: parts.position() }),
    random: () => environment.random(),
  });

  const asks = createTabAsks({
    newId: parts.newId,
    reign: parts.reign,
    execute: parts.execute,
    canTell: (request) => !isDiscreet || !hasContent(request),
    tell: (id, request) => post({ from, type: 'ask', id, request }),
    answer: (id, error) => post({ from, type: 'answer', id, number: parts.position(), error }),
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
      announce(new Set([...others].flatMap(([tab, silentPatrols]) => (silentPatrols === 0 ? [tab] : []))));
      forgetSilent();
      watchJournals();
    }, patrolMs);
  }

  function announce(heard: ReadonlySet<string>): void {
    tellReign();
    if (parts.reign()) parts.adopt(heard);
    tellState();
  }

  function heardReign(writer: string, epoch: number): void {
    if (leader !== writer) tellNeeds();
    leader = writer;
    reignHeard = { epoch, atMs: clock.now() };
    asks.askAgain();
  }

  /** A tab that slept does not know that it was deposed. */
  function isOver({ from: writer, epoch }: { readonly from: string; readonly epoch: number }): boolean {
    return writer !== leader && epoch < reignHeard.epoch && clock.now() - reignHeard.atMs < livelyMs;
  }

  function forget(tab: string): void {
    others.delete(tab);
    parts.heardNeeds(tab, null);
    if (others.size === 0) farewell?.();
  }

  function forgetSilent(): void {
    for (const [tab, silentPatrols] of [...others]) {
      others.set(tab, silentPatrols + 1);
      if (silentPatrols >= toleratedPatrols) forget(tab);
    }
  }

  /** A leader asks whom it does not know, or not any more, what it needs. */
  function meet(tab: string): void {
    if (!others.has(tab) && parts.reign()) post({ from, type: 'unknown', tab });
    others.set(tab, 0);
  }

  function tellNeeds(): void {
    if (channel && !parts.reign()) post({ from, type: 'needs', needs: parts.needs() });
  }

  function hear(message: TabMessage): void {
    if (message.from === self) return;
    if (message.type === 'bye') {
      if (message.from === leader) election.ended();
      return forget(message.from);
    }
    meet(message.from);
    switch (message.type) {
      case 'hello':
        // What it writes is over all that it has read, so that comes before.
        return announce(new Set());
      case 'ping':
        if (election.isElected && !parts.reign()) post({ from, type: 'elected' });
        tellReign();
        return parts.heardGrowth(message.from, message.number, false);
      case 'elected':
        return election.answered();
      case 'reign':
        election.heard(message);
        if (parts.reign()) return;
        if (isOver(message)) return parts.heardGrowth(message.from, message.number, false);
        heardReign(message.from, message.epoch);
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
      case 'unknown':
        return message.tab === self ? tellNeeds() : undefined;
      case 'ask':
        return asks.heard(message.id, message.request);
      case 'answer':
        return void parts.caughtUp(message.from, message.number).then(() => asks.answered(message.id, message.error));
      case 'call':
        return parts.heardCall(message.call);
      case 'signOut':
        return parts.signedOut();
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
      listening.add(
        environment.page$.subscribe((signal) => {
          if (signal === 'leaving') post({ from, type: 'bye' });
        }),
      );
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
      asks.askAgain();
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
    needsChanged: tellNeeds,
    ask: asks.ask,
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
