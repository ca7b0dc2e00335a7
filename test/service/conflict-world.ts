import type { AnyCollections, ConflictRecord, ISyncEntity, ISyncService, SyncOptions } from '../../src/index.ts';
import { createServiceWorld, type ServiceWorld, type ServiceWorldOptions } from '../support/service-world.ts';

export type Fields = Record<string, unknown>;

/** How the other side's state is learned: the request is refused, or a catch-up or a frame tells it before anything is sent. */
export type Route = 'refusal' | 'pull' | 'frame';

/** The three sides of `tasks/1`, without id; null: not there. */
export interface Sides {
  readonly base: Fields | null;
  readonly local: Fields | null;
  readonly remote: Fields | null;
}

/** A world in which the sides of an entity have come apart. */
export interface ConflictWorld {
  readonly world: ServiceWorld;
  readonly sync: ISyncService<AnyCollections>;
  /** The newest record. */
  record(): ConflictRecord | undefined;
}

/** An entity without its metadata and id; null: there is none. */
export function fieldsOf(entity: unknown): Fields | null {
  if (entity === null || entity === undefined) return null;
  const { id: _, updatedAt: __, version: ___, ...fields } = entity as ISyncEntity & Fields;
  return fields;
}

/** Brings the sides apart, lets the conflict happen by the route, and everything that follows from it without the app. */
export async function comeApart(
  sides: Sides,
  route: Route,
  options: SyncOptions & { world?: ServiceWorldOptions } = {},
): Promise<ConflictWorld> {
  const { world: worldOptions, ...syncOptions } = options;
  const world = createServiceWorld({ realTime: route === 'frame', ...worldOptions });
  if (sides.base) world.backend.edit('tasks', '1', sides.base);
  const sync = await world.open(syncOptions);
  const tasks = sync.collection('tasks');
  await tasks.pull();
  sync.pause();
  if (sides.local) tasks.put({ ...sides.local, id: '1' });
  else tasks.delete('1');
  await world.advance(1_000);
  if (sides.remote || sides.base) world.backend.edit('tasks', '1', sides.remote);
  if (route === 'pull') await tasks.pull();
  if (route === 'frame') await tellByFrame(world, sync);
  await world.settle();
  sync.resume();
  await world.advance(600_000);
  return { world, sync, record: () => sync.conflicts.list()[0] };
}

/** The socket says what the backend has now; nothing is pulled. */
async function tellByFrame({ backend, settle }: ServiceWorld, sync: ISyncService<AnyCollections>): Promise<void> {
  const record = backend.record('tasks', '1');
  sync.enableRealTime();
  await settle();
  const [socket] = backend.sockets;
  if (!socket) throw new Error('No socket was opened.');
  socket.send({ type: 'open' });
  if (record) socket.send({ type: 'change', change: { collection: 'tasks', id: '1', record } });
}
