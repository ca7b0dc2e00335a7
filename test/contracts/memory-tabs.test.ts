import { createSystemClock } from '../../src/adapters/browser/clock.ts';
import { createMemoryLocks } from '../../src/testing/environment/memory-locks.ts';
import { createMemoryTabChannels } from '../../src/testing/environment/memory-tab-channels.ts';
import { createMemoryTab } from '../../src/testing/environment/memory-tab.ts';
import { describeLocks, describeLocksOfLostTabs } from './locks.contract.ts';
import { describeChannelsOfLostTabs, describeTabChannels } from './tab-channel.contract.ts';
import type { MortalTab, TabOrigin } from './tab-origin.ts';

async function makeOrigin(): Promise<TabOrigin<MortalTab>> {
  const locks = createMemoryLocks();
  const channels = createMemoryTabChannels(createSystemClock());
  return {
    async open() {
      const tab = createMemoryTab();
      return {
        locks: locks.of(tab),
        openChannel: async (name) => channels.of(tab).open(name),
        lose: async () => tab.kill(),
      };
    },
    end: async () => undefined,
  };
}

describeLocks('in memory', makeOrigin);
describeLocksOfLostTabs('in memory', makeOrigin);
describeTabChannels('in memory', makeOrigin);
describeChannelsOfLostTabs('in memory', makeOrigin);
