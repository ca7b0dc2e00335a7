import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyPatch } from '../../src/core/apply-patch.ts';
import type { JsonPatch } from '../../src/core/json.ts';
import { createLocalFanOut, createMemoryStore, createSyncServer, type FanOut } from '../../src/server/index.ts';
import { createApi, type Api } from './support/api.ts';
import { joinSocket, type Frame, type TestSocket } from './support/socket.ts';
import { commandsOf, expectSeen, runAsyncProperty } from '../core/run-property.ts';

type Entity = Record<string, unknown>;
type Plain = 'read' | 'reconnect' | 'mute' | 'unmute' | 'subscribe';
type Step =
  | { readonly kind: 'write'; readonly id: string; readonly length: number; readonly times: number }
  | { readonly kind: 'remove'; readonly id: string }
  | { readonly kind: Plain };

const id = fc.constantFrom('a', 'b', 'c', 'd');
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      id,
      length: fc.constantFrom(0, 50, 400, 900),
      times: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), id }) },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constantFrom<Plain>('read', 'reconnect', 'mute', 'unmute', 'subscribe') }),
  },
);

/** A client as simple as the protocol allows: frames in order, a poke is a fetch from the cursor. */
function createReplica(api: Api, seen: Record<string, number>) {
  const entities = new Map<string, Entity>();
  const versions = new Map<string, number>();
  let cursor: string | null = null;

  const adopt = (change: Frame): void => {
    const [place, version] = [String(change['id']), Number(change['version'])];
    if (version < (versions.get(place) ?? 0)) return;
    versions.set(place, version);
    const base = entities.get(place);
    const patched = change['patch'] !== undefined;
    if (patched && base?.['version'] === version) return;
    if (patched) expect(base?.['version']).toBe(change['baseVersion']);
    const entity = patched
      ? { ...applyPatch(base as Entity, change['patch'] as JsonPatch), version, updatedAt: change['updatedAt'] }
      : (change['entity'] as Entity | null);
    if (patched) seen['patches'] = (seen['patches'] ?? 0) + 1;
    if (entity === null) entities.delete(place);
    else entities.set(place, entity);
  };
  const pull = async (): Promise<void> => {
    for (let hasMore = true; hasMore;) {
      const { body } = await api.get(
        `/v1/changes?collections=notes&limit=3${cursor === null ? '' : `&since=${cursor}`}`,
      );
      for (const change of body.changes) adopt(change);
      ({ cursor, hasMore } = body);
    }
  };
  return {
    entities,
    pull,
    channels: () => [{ channel: 'notes', cursor }],
    async take(frame: Frame): Promise<void> {
      seen[frame.type] = (seen[frame.type] ?? 0) + 1;
      if (frame.type === 'poke') return pull();
      expect(frame.type).toBe('change');
      adopt(frame);
      cursor = String(frame['cursor']);
    },
  };
}

function createUnreliableFanOut(): FanOut & { isMute: boolean } {
  const inner = createLocalFanOut();
  const outer = {
    ...inner,
    isMute: false,
    publish: (collections: readonly string[]) => {
      if (!outer.isMute) inner.publish(collections);
    },
  };
  return outer;
}

test('G4 G11 whatever is lost on the way, a receiver of frames ends with what the server has', async () => {
  const seen: Record<string, number> = {};
  const property = fc.asyncProperty(commandsOf(step), async (steps) => {
    const fanout = createUnreliableFanOut();
    const database = createMemoryStore('life-1');
    const server = await createSyncServer({ database, fanout, limits: { changeBytes: 700 } });
    const { url } = await server.listen(0);
    const api = createApi(server);
    const replica = createReplica(api, seen);
    const join = () => joinSocket(url, { channels: replica.channels() });
    const write = async (place: string, text: string): Promise<void> => {
      const { body } = await api.get(`/v1/notes/${place}`);
      const version = body.version ?? body.current?.version ?? 0;
      const isThere = body.version !== undefined;
      if (!isThere) await api.create(`/v1/notes/${place}`, { text, padding: 'x'.repeat(60) });
      else await api.patch(`/v1/notes/${place}`, version, [{ op: 'replace', path: '/text', value: text }]);
    };

    let client: TestSocket = await join();
    await replica.pull();
    for (const each of steps) {
      if (each.kind === 'write')
        for (let n = 0; n < each.times; n += 1) await write(each.id, `${n}`.repeat(each.length));
      if (each.kind === 'remove') {
        const { body } = await api.get(`/v1/notes/${each.id}`);
        if (body.version !== undefined) await api.remove(`/v1/notes/${each.id}`, body.version);
      }
      if (each.kind === 'read') for (const frame of await client.rest()) await replica.take(frame);
      if (each.kind === 'subscribe') client.send({ type: 'subscribe', channels: replica.channels() });
      if (each.kind === 'mute' || each.kind === 'unmute') fanout.isMute = each.kind === 'mute';
      if (each.kind === 'reconnect') {
        client.socket.close();
        await client.closed;
        client = await join();
      }
    }
    fanout.isMute = false;
    await write('last', 'end');
    while (replica.entities.get('last')?.['text'] !== 'end') await replica.take(await client.next());
    const { body } = await api.get('/v1/snapshot');
    const truth = body.changes.map((change: { entity: Entity }) => change.entity);
    expect([...replica.entities.values()].toSorted((a, b) => (String(a['id']) < String(b['id']) ? -1 : 1))).toEqual(
      truth,
    );
    await server.close();
  });
  await runAsyncProperty(property, 200);
  for (const what of ['change', 'poke', 'patches']) expectSeen(seen[what] ?? 0, 100, what);
});
