import type { TabCall, TabRequest } from './tab-message.ts';
import type { SyncEvent as RootEvent } from '../../machines/sync.machine.ts';
import type { Channels } from './channels.ts';
import type { Identity } from './identity.ts';
import type { LocalData } from './local-data.ts';
import type { Settings } from './settings.ts';
import type { Status } from './status.ts';
import { sharedPart } from './tab-message.ts';
import type { SharedNeeds } from './tab-needs.ts';
import { createTabs, type Tabs } from './tabs.ts';
import type { Troubles } from './troubles.ts';

export interface ConnectTabsParts {
  readonly settings: Settings;
  readonly identity: Identity;
  readonly data: LocalData;
  readonly status: Status;
  readonly troubles: Troubles;
  readonly needs: SharedNeeds;
  readonly channels: Channels;
  send(event: RootEvent): void;
  hearCall(call: TabCall): void;
  execute(request: TabRequest): Promise<void>;
  close(): Promise<void>;
}

/** The other tabs, told of this one's parts, and these of them. */
export function connectTabs(parts: ConnectTabsParts): Tabs {
  const { settings, identity, data, status, troubles, needs, channels, send } = parts;
  const tabs: Tabs = createTabs({
    settings,
    self: identity.clientId,
    newId: identity.newId,
    position: () => data.position,
    adopt(heard) {
      data.adopt(heard).catch(() => undefined);
    },
    reign: () =>
      data.epoch === null || !tabs.election.isElected ? null : { epoch: data.epoch, number: data.position },
    needs: needs.own,
    state: () => ({ state: sharedPart(status.getSnapshot()), undecided: troubles.undecidedIds() }),
    heardGrowth(from, number, isLeader, drafts) {
      data.grown(from, number, isLeader, drafts).catch(() => undefined);
    },
    caughtUp: (leader, number) => data.grown(leader, number, true).catch(() => undefined),
    heardState(state, undecided) {
      status.mirror(state);
      send({ type: state.blockers.includes('paused') ? 'app.pause' : 'app.resume' });
      troubles.mirror(undecided);
    },
    heardNews(from, number, changes) {
      data.grown(from, number, true).then(
        () => channels.tell(changes.map((change) => ({ change }))),
        () => undefined,
      );
    },
    heardNeeds: needs.heard,
    heardCall: parts.hearCall,
    execute: (request) => parts.execute(request),
    signedOut: () => void parts.close(),
  });
  return tabs;
}
