import { createBroadcastTabs } from '../../src/adapters/browser/broadcast-tabs.ts';
import { createLockPort } from '../../src/adapters/browser/locks.ts';
import { createStorageTabs } from '../../src/adapters/browser/storage-tabs.ts';
import type { LockPort, TabChannel, TabChannelPort } from '../../src/ports/environment.ts';
import { describeLocks } from './locks.contract.ts';
import { describeTabChannels } from './tab-channel.contract.ts';
import type { TabOrigin } from './tab-origin.ts';

let origins = 0;

/** Two services in one page: they have ports of their own, and everything else in common. */
function makeOrigin(createTabs: () => TabChannelPort | null): TabOrigin {
  origins += 1;
  const prefix = `one-page-${origins}/`;
  const opened: TabChannel[] = [];
  return {
    async open() {
      const [locks, tabs] = [createLockPort() as LockPort, createTabs() as TabChannelPort];
      return {
        locks: { request: (name, options, callback) => locks.request(`${prefix}${name}`, options, callback) },
        async openChannel(name) {
          const channel = tabs.open(`${prefix}${name}`);
          opened.push(channel);
          return channel;
        },
      };
    },
    async end() {
      for (const channel of opened) channel.close();
    },
  };
}

describeLocks('Web Locks in one page', () => makeOrigin(createBroadcastTabs));
describeTabChannels('BroadcastChannel in one page', () => makeOrigin(createBroadcastTabs));
describeTabChannels('storage events in one page', () => makeOrigin(createStorageTabs));
