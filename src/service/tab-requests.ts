import { readChoice } from '../conflicts/choose-resolution.ts';
import type { Decision } from '../actors/entity.actors.ts';
import type { ISyncEntity } from '../core/entity.ts';
import { SyncError } from '../core/errors.ts';
import type { EntitySlot } from '../store/replica.ts';
import type { Engine } from './engine.ts';
import type { TabRequest } from './tab-message.ts';
import { validateEntity } from './validate.ts';

/** Does what this tab, which leads, was asked for by itself or by another one. Resolves when it is durable. */
export function executeRequest(engine: Engine, request: TabRequest): Promise<void> {
  switch (request.type) {
    case 'commit':
      return request.origin === 'remote'
        ? engine.loader.receive(request.entries)
        : engine.commitOwn(request.entries, request.origin);
    case 'resolve':
      return resolveConflict(engine, request.conflictId, request.choice as Decision);
    case 'load':
      return engine.loader.load(engine.replica.slot(request.collection, request.id));
    case 'pull':
      return pull(engine, request.collection);
  }
}

async function resolveConflict(engine: Engine, id: string, choice: Decision): Promise<void> {
  const { conflicts, decisions, changed$, replica } = engine;
  const slot = conflicts.slotOf(id);
  if (!slot) throw notOpen(id);
  const isWord = choice === 'local' || choice === 'remote' || choice === null;
  decisions.set(id, isWord ? choice : readEntityChoice(engine, slot, choice));
  const ended = new Promise<void>((resolve) => {
    const subscription = changed$.subscribe(() => {
      if (conflicts.slotOf(id)) return;
      subscription.unsubscribe();
      resolve();
    });
  });
  engine.tellEntity(slot, { type: 'decision.made' });
  await ended;
  decisions.delete(id);
  if (!replica.resolved.has(id)) throw notOpen(id);
  await engine.data.flush();
}

/** It is written like any other: throws what `put` would. */
function readEntityChoice({ settings, identity }: Engine, slot: EntitySlot, choice: ISyncEntity): ISyncEntity {
  const { collection, id: entityId } = slot;
  const entity = readChoice({ collection, entityId }, choice);
  validateEntity(collection, { ...entity, updatedAt: identity.nowIso() }, settings.collection(collection).schema);
  return entity;
}

function notOpen(id: string): SyncError {
  return new SyncError('unknown-operation', `There is no open conflict ${id}: it is resolved already, or never was.`);
}

async function pull(engine: Engine, collection: string): Promise<void> {
  const done = engine.pulls.wait(collection);
  engine.send({ type: 'feed.pull', now: true });
  await done;
}
