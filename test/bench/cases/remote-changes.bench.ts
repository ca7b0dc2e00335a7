import { Subject } from 'rxjs';
import { createHttpApiClient, createWebSocketTransport } from '../../../src/index.ts';
import { atMost, type Benchmark } from '../benchmark.ts';
import { collection, firstInstant, indexes, itemId, itemRecord } from '../entities.ts';
import { createFakeSocket, type FakeSocket } from '../fake-socket.ts';
import { alternate, count, ratioLine, timed } from '../measure.ts';
import { takeChange, type WireChange } from '../raw/take-changes.ts';
import { nextTask, openInNode, seed, type Service } from '../services.ts';

const changes = 10_000;
const perPage = 500;

/** Remote changes as text, parsed, applied and observed: frames of a socket, and pages of the feed. */
export const benchmark: Benchmark = async ({ rounds }) => {
  const socket = createFakeSocket();
  const feed = createFeed();
  const live = await openLive(socket);
  const pulled = await openPulled(feed);
  const frames = createTexts();
  const pages = createTexts();
  const frameRaw = createRaw();
  const pageRaw = createRaw();
  const byFrame = await alternate(
    {
      ours: () => takeFrames(live, socket, frames.frames()),
      raw: () => frameRaw.takeFrames(frames.again),
    },
    rounds * 2,
    3,
  );
  const byPage = await alternate(
    {
      ours: () => takePages(pulled, feed, pages.pages()),
      raw: () => pageRaw.takePages(pages.again),
    },
    rounds * 2,
    3,
  );
  await live.close();
  await pulled.close();
  const limit = 'parse, path copy, Map, Subject';
  return [
    ratioLine(`${count(changes)} remote changes observed, by socket`, byFrame.ours, byFrame.raw, limit, atMost(2.5)),
    ratioLine(`${count(changes)} remote changes observed, by feed`, byPage.ours, byPage.raw, limit, atMost(2.5)),
  ];
};

interface Texts {
  /** The next round: one text per change. */
  frames(): readonly string[];
  /** The next round: one text per page of the feed. */
  pages(): readonly string[];
  /** The round that was made last. */
  readonly again: readonly string[];
}

function createTexts(): Texts {
  let round = 0;
  let seq = 0;
  let again: readonly string[] = [];
  const next = (): object[] => {
    round += 1;
    return indexes(changes).map((index) => ({
      collection,
      id: itemId(index),
      version: round + 1,
      baseVersion: round,
      updatedAt: firstInstant,
      cursor: `${round * changes + index}`,
      patch: [
        { op: 'replace', path: '/priority', value: round + 10 },
        { op: 'replace', path: '/place/order', value: round },
      ],
    }));
  };
  return {
    get again() {
      return again;
    },
    frames() {
      again = next().map((change) => JSON.stringify({ type: 'change', prev: seq++, seq, ...change }));
      return again;
    },
    pages() {
      const all = next();
      again = indexes(changes / perPage).map((page) =>
        JSON.stringify({
          changes: all.slice(page * perPage, (page + 1) * perPage),
          cursor: `${round}.${page}`,
          hasMore: page + 1 < changes / perPage,
          epoch: 'bench',
        }),
      );
      return again;
    },
  };
}

interface Feed {
  pages: string[];
  readonly fetch: (url: string) => Promise<Response>;
}

function createFeed(): Feed {
  const headers = { 'Content-Type': 'application/json', 'Sync-Protocol': '1' };
  const feed: Feed = {
    pages: [],
    fetch: async (url) => {
      const nonce = new URL(url).searchParams.get('nonce');
      if (nonce !== null) return new Response(JSON.stringify({ nonce }), { headers });
      const empty = { changes: [], cursor: 'end', hasMore: false, epoch: 'bench' };
      return new Response(feed.pages.shift() ?? JSON.stringify(empty), { headers });
    },
  };
  return feed;
}

async function openPulled(feed: Feed): Promise<Service> {
  const service = await openInNode(createHttpApiClient({ url: 'http://127.0.0.1', fetch: feed.fetch }));
  await seed(service, changes);
  await service.collection(collection).pull();
  return service;
}

async function openLive(socket: FakeSocket): Promise<Service> {
  const apiClient = createHttpApiClient({ url: 'http://127.0.0.1', fetch: createFeed().fetch });
  const realTime = createWebSocketTransport({ url: 'http://127.0.0.1', WebSocket: socket.WebSocket });
  const service = await openInNode(apiClient, { realTime });
  await seed(service, changes);
  await service.collection(collection).pull();
  service.enableRealTime();
  while (service.getSnapshot().realTime !== 'live') await nextTask();
  return service;
}

async function takeFrames(service: Service, socket: FakeSocket, texts: readonly string[]): Promise<number> {
  const observed = observe(service);
  const ms = await timed(async () => {
    for (const text of texts) socket.deliver(text);
    await observed;
  });
  await nextTask();
  return ms;
}

async function takePages(service: Service, feed: Feed, texts: readonly string[]): Promise<number> {
  const observed = observe(service);
  feed.pages = [...texts];
  const ms = await timed(async () => {
    void service.collection(collection).pull();
    await observed;
  });
  await nextTask();
  return ms;
}

/** Resolves when all changes have been told. */
function observe(service: Service): Promise<void> {
  return new Promise((resolve) => {
    let told = 0;
    const subscription = service.collection(collection).changes$.subscribe((list) => {
      told += list.length;
      if (told < changes) return;
      subscription.unsubscribe();
      resolve();
    });
  });
}

function createRaw(): Record<'takeFrames' | 'takePages', (texts: readonly string[]) => Promise<number>> {
  const itemsById = new Map(indexes(changes).map((index) => [itemId(index), itemRecord(index).entity as object]));
  const told$ = new Subject<object>();
  let told = 0;
  told$.subscribe(() => (told += 1));
  return {
    takeFrames: (texts) =>
      timed(() => {
        for (const text of texts) takeChange(itemsById, told$, JSON.parse(text) as WireChange);
      }),
    takePages: (texts) =>
      timed(() => {
        for (const text of texts) {
          const page = JSON.parse(text) as { readonly changes: readonly WireChange[] };
          for (const change of page.changes) takeChange(itemsById, told$, change);
        }
      }),
  };
}
