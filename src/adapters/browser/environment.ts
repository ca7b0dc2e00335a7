import type { Environment } from '../../ports/environment.ts';
import { createBroadcastTabs } from './broadcast-tabs.ts';
import { createSystemClock } from './clock.ts';
import { createLockPort } from './locks.ts';
import { createNetworkSignals } from './network.ts';
import { createPageSignals } from './page.ts';
import { createStorageTabs } from './storage-tabs.ts';

/**
 * The environment of this platform, with what is given put in place of its parts. Safe everywhere: what the platform lacks
 * is null or silent. Listeners are attached while somebody is subscribed, and nothing is opened before it is used.
 */
export function createEnvironment(parts: Partial<Environment> = {}): Environment {
  const random = parts.random ?? (() => Math.random());
  return {
    random,
    clock: parts.clock ?? createSystemClock(),
    network: parts.network ?? createNetworkSignals(),
    page$: parts.page$ ?? createPageSignals(),
    locks: parts.locks === undefined ? createLockPort() : parts.locks,
    tabs: parts.tabs === undefined ? (createBroadcastTabs() ?? createStorageTabs()) : parts.tabs,
  };
}
