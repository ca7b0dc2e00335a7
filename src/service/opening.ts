import { SyncError, toErrorInfo } from '../core/errors.ts';
import { hydrate, takeUp, type HydrationParts } from './hydration.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Status } from './status.ts';
import type { Tabs } from './tabs.ts';

export interface OpeningParts {
  readonly hydration: HydrationParts;
  readonly lifecycle: Lifecycle;
  readonly status: Status;
  readonly tabs: Tabs;
}

/** How a tab comes to the local data, and to the lead over it. */
export interface Opening {
  /** Shows what is stored, as leader or follower. Rejects with what refuses it, which every later call of the service is told. */
  load(): Promise<void>;
  /** Another tab led, or none: what it had under way is this one's to go on with. */
  takeOver(): Promise<void>;
}

/** Touches nothing before it is called. */
export function createOpening({ hydration, lifecycle, status, tabs }: OpeningParts): Opening {
  const { data, writes } = hydration;

  function refuse(thrown: unknown): void {
    const error =
      thrown instanceof SyncError
        ? thrown
        : new SyncError('storage-failed', 'The local data cannot be read.', { cause: thrown });
    status.failed('storage', toErrorInfo(error));
    tabs.election.retire();
    writes.refused(error);
    lifecycle.refuse(error);
  }

  return {
    async load() {
      try {
        await hydrate(hydration, await tabs.open());
        lifecycle.loaded();
        if (data.isAlone) tabs.leave();
        else if (data.epoch !== null) tabs.reigns(data.epoch);
      } catch (thrown) {
        refuse(thrown);
        throw thrown;
      }
    },
    async takeOver() {
      const before = data.epoch;
      await data.lead();
      if (data.epoch === null || data.epoch === before) return;
      status.mirror(null);
      takeUp(hydration);
      tabs.reigns(data.epoch);
      hydration.changed();
    },
  };
}
