import type { ISyncEntity } from '../core/entity.ts';
import { createGlobalOrder } from '../outbox/global-order.ts';
import { createReferences, noReferences, type References } from '../outbox/references.ts';
import type { EntitySlot, Replica } from '../store/replica.ts';
import type { Settings } from './settings.ts';

/** Who waits for whom under the order that the options ask for (S7). */
export function chooseReferences(
  settings: Settings,
  { working, find }: Replica,
  awaitsApp: (slot: EntitySlot) => boolean,
  sealable: (slot: EntitySlot) => ISyncEntity | null,
): References {
  if (settings.order === 'global') return createGlobalOrder({ working, isStopped: awaitsApp });
  if (!settings.hasReferences) return noReferences;
  return createReferences({ declared: (name) => settings.collection(name).references, find, sealable, awaitsApp });
}
