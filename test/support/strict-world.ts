import { RejectedError } from '../../src/index.ts';
import { makeWorld } from './make-world.ts';
import type { ServiceWorld, ServiceWorldOptions } from './service-world.ts';

/** A backend that takes 100 ms for a create, and refuses one that refers to nothing, as a database with foreign keys does. */
export function makeStrictWorld(options?: ServiceWorldOptions): ServiceWorld {
  const world = makeWorld({ changes: false, ...options });
  world.backend.always('create', async (call, apply) => {
    const { entity } = call.content as { entity: { projectId?: string } };
    if (call.id.startsWith('bad')) throw new RejectedError({ status: 422 });
    if (call.collection === 'tasks' && entity.projectId && !world.backend.entity('projects', entity.projectId))
      throw new RejectedError({ status: 422, detail: 'no such project' });
    await new Promise<void>((resolve) => world.clock.setTimeout(resolve, 100));
    return apply();
  });
  return world;
}

/** The ids of what was sent, in order. */
export const sentOf = ({ backend }: ServiceWorld): readonly string[] => backend.writes().map(({ id }) => id);
