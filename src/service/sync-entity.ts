import { abortedWait } from '../core/aborted-errors.ts';
import type { ISyncEntity } from '../core/entity.ts';
import { SyncError } from '../core/errors.ts';
import { having, oneOf, type Checks } from '../core/option-checks.ts';
import type { Engine } from './engine.ts';
import type { LocalWrite } from './local-writes.ts';
import type { WriteOptions } from './sync-service.ts';

/** What a write may be told besides. */
export const writeChecks: Checks<WriteOptions> = {
  until: oneOf(['durable', 'synced']),
  signal: having('addEventListener'),
};

/** Whether an operation can get through now: `unknown` while that is being found out. */
function canSend({ status }: Engine): 'yes' | 'no' | 'unknown' {
  const { connectivity, auth, blockers, queue } = status.getSnapshot();
  if (auth === 'needs-auth' || blockers.includes('paused') || blockers.includes('misconfigured')) return 'no';
  if (queue === 'hydrating' || status.awaitsFirstAnswer) return 'unknown';
  if (connectivity !== 'online') return 'no';
  return auth === 'refreshing' ? 'unknown' : 'yes';
}

/**
 * Waits for a write as `syncEntity` promises (S21): for the backend while the service can send, else for the storage. Rejects
 * when the operation is parked or its conflict awaits a decision, or with `aborted`.
 */
export function awaitWrite(
  engine: Engine,
  at: { readonly collection: string; readonly entityId: string },
  write: LocalWrite,
  { until, signal }: WriteOptions,
): Promise<ISyncEntity | null> {
  return new Promise<ISyncEntity | null>((resolve, reject) => {
    const ends: (() => void)[] = [];
    const finish = (settle: () => void) => {
      for (const end of ends.splice(0)) end();
      settle();
    };
    const give = (entity: ISyncEntity | null) => finish(() => resolve(entity));
    const fail = (error: unknown) => finish(() => reject(error));
    const local = () => engine.writes.read(at.collection, at.entityId);
    const whenDurable = () => write.durable.then(() => give(local()), fail);

    if (signal?.aborted) return fail(abortedWait(signal));
    const abort = () => fail(abortedWait(signal));
    signal?.addEventListener('abort', abort, { once: true });
    ends.push(() => signal?.removeEventListener('abort', abort));

    if (until === 'durable') return void whenDurable();
    write.durable.catch(fail);
    write.synced.then(give, fail);
    if (until === 'synced') return;
    const look = () => {
      const slot = engine.replica.find(at.collection, at.entityId);
      if (slot && engine.troubles.awaitsDecision(slot) && !write.fate.outcome) return fail(conflictOpen(at));
      const isHeld = slot !== undefined && engine.outbox.isBehindRefused(slot);
      if (isHeld || canSend(engine) === 'no') void whenDurable();
    };
    ends.push(engine.status.observe(look));
    look();
  });
}

function conflictOpen({ collection, entityId }: { collection: string; entityId: string }): SyncError {
  return new SyncError(
    'conflict-open',
    `The conflict over ${collection}/${entityId} awaits a decision: see conflicts.list().`,
    { collection, entityId },
  );
}
