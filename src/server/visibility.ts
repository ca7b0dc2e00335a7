import type { Access } from './access.ts';
import type { Principal } from './options.ts';
import type { StoredChange } from './ports/store.ts';
import { toEntityJson } from './record-json.ts';

/** How a principal sees a change: as it is, as a removal since it takes the entity out of sight, or not at all. */
export type Visibility = 'whole' | 'removal' | 'hidden';

/** Rejects with a problem when the app's hook fails: a change is never hidden by an outage. */
export async function judgeVisibility(access: Access, principal: Principal, change: StoredChange): Promise<Visibility> {
  const after = toEntityJson(change);
  if (after !== null && (await access.may(principal, 'read', change.collection, after))) return 'whole';
  if (!(await sawBefore(access, principal, change))) return 'hidden';
  return after === null ? 'whole' : 'removal';
}

/** Whether the principal could read the entity before the change. */
export async function sawBefore(access: Access, principal: Principal, change: StoredChange): Promise<boolean> {
  const { before, baseVersion, collection } = change;
  if (before === null || baseVersion === null) return false;
  const entity = toEntityJson({ ...change, entity: before, version: baseVersion });
  return access.may(principal, 'read', collection, entity);
}
