import { collection, itemId, makeItem } from '../entities.ts';
import { creates, drainOurs } from '../draining.ts';
import { timed } from '../measure.ts';
import { createSilentBackend, openInBrowser, quiet, seed } from '../services.ts';

async function paused() {
  const opened = await openInBrowser('', {}, createSilentBackend());
  opened.service.pause();
  return { ...opened, items: opened.service.collection(collection) };
}

/** @type {import('./peer.ts').Peer} */
export const peer = {
  name: 'syncline',
  async writeEach(writes) {
    const { items, remove } = await paused();
    const ms = await timed(async () => {
      for (let index = 0; index < writes; index += 1) await items.put(makeItem(index)).durable;
    });
    await remove();
    return ms;
  },
  async writeBulk(writes) {
    const { service, remove } = await paused();
    const ms = await timed(() => creates(writes)(service));
    await remove();
    return ms;
  },
  drain: (origin, writes) => drainOurs(origin, creates(writes)),
  async startUp(entities) {
    const name = `peer-${entities}`;
    const { service } = await openInBrowser('', { name }, createSilentBackend());
    await seed(service, entities);
    await quiet(1_000 + entities / 50);
    await service.close();
    let opened;
    const ms = await timed(async () => {
      opened = await openInBrowser('', { name }, createSilentBackend());
    });
    if (!opened.service.collection(collection).has(itemId(entities - 1))) throw new Error('Not all was loaded.');
    await opened.remove();
    return ms;
  },
};
