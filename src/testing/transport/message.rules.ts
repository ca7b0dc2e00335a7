import type { RemoteChange } from '../../core/record.ts';
import { createFeedReader, expectChange } from '../api-client/feed-reader.ts';
import { expectEqual, expectThat, show } from '../conformance/expectations.ts';
import type { ConformanceRule } from '../conformance/rule.ts';
import type { TransportBench } from './bench.ts';

const withoutFeed = ({ writer }: TransportBench): string | null =>
  writer.client.changes ? null : 'the client has no `changes`, so that there are no cursors.';

/** Rules about what is told. */
export const messageRules: readonly ConformanceRule<TransportBench>[] = [
  {
    id: 'open-first',
    title: '`open` comes once, before anything else',
    remedy:
      'Emit { type: "open" } when the backend has accepted the connection and its token, and changes only after it.',
    async check({ listen, cursor, writer }) {
      const from = await cursor();
      const id = writer.newId('open');
      if (from !== null) await writer.create(id, 'first');
      const listener = listen([{ channel: writer.sample.collection, cursor: from }]);
      await listener.until(() => listener.messages.length > 0, 'The first message');
      expectEqual(listener.messages[0]?.type, 'open', 'The first message');
      const later = writer.newId('open');
      await writer.create(later, 'first');
      await listener.change(later);
      const opens = listener.messages.filter(({ type }) => type === 'open').length;
      expectThat(opens === 1, `One connection said \`open\` ${opens} times.`);
    },
  },
  {
    id: 'change-told',
    cites: 'S41',
    title: 'a change is told with its collection, its id and the record as it was answered',
    remedy:
      'Emit { type: "change", change: { collection, id, record } }: `record` has the whole entity and its version, or entity: null with a patch and the baseVersion that it applies to.',
    async check({ hear, writer }) {
      const { collection } = writer.sample;
      const listener = await hear(collection);
      const id = writer.newId('told');
      const created = await writer.create(id, 'first');
      const change = await listener.change(id);
      expectChange(change, 'The transport');
      expectEqual(change.collection, collection, 'The collection of the change');
      expectEqual(change.record.version, created.version, 'The version in the change');
      if (change.patch === undefined) expectEqual(writer.textOf(change.record), 'first', 'The text in the change');
    },
  },
  {
    id: 'deletion-told',
    title: 'a deletion is told as a tombstone',
    remedy: 'Tell a deletion as a change whose record is { entity: null, version, deleted: true }.',
    async check({ hear, writer }) {
      const id = writer.newId('deleted');
      const created = await writer.create(id, 'first');
      const listener = await hear(writer.sample.collection);
      await writer.remove(id, writer.versionOf(created));
      const { record, patch } = await listener.change(id);
      const isTombstone = record.entity === null && patch === undefined && record.deleted !== false;
      expectThat(isTombstone, `A deletion is told with the record ${show(record)}.`);
    },
  },
  {
    id: 'changes-in-order',
    cites: 'G10',
    title: 'the changes of an entity are told in the order in which they were made',
    remedy:
      'Send the changes of a channel one after the other, in commit order. Handing them to several workers mixes them.',
    async check({ hear, writer }) {
      const listener = await hear(writer.sample.collection);
      const id = writer.newId('order');
      let record = await writer.create(id, '0');
      const versions = [record.version];
      for (const text of ['1', '2', '3', '4']) {
        record = await writer.retitle(record, text);
        versions.push(record.version);
      }
      const told = (): readonly unknown[] => listener.changesOf(id).map((change) => change.record.version);
      await listener.until(() => versions.every((version) => told().includes(version)), 'Five changes of one entity');
      const places = told().map((version) => versions.indexOf(version as string));
      const isOrdered = places.every((place, at) => place >= Math.max(...places.slice(0, at), 0));
      expectThat(isOrdered, `Five changes of an entity are told in the order ${show(places)}.`);
    },
  },
  {
    id: 'missed-told',
    cites: 'S40 G11',
    title: 'what happened since the cursor is told, or that something did',
    remedy:
      'Begin each channel at the cursor that comes with it. Where that is too much, or too long ago, emit `poke` or `resync`.',
    skips: withoutFeed,
    async check({ cursor, listen, writer }) {
      const from = await cursor();
      const id = writer.newId('missed');
      await writer.create(id, 'first');
      const listener = listen([{ channel: writer.sample.collection, cursor: from }]);
      const isTold = (): boolean =>
        listener.changesOf(id).length > 0 || listener.messages.some(({ type }) => type === 'poke' || type === 'resync');
      await listener.until(isTold, `A change that was made before the connection, or a \`poke\``);
    },
  },
  {
    id: 'key-told',
    cites: 'G9 S6',
    title: 'a change that names a request or a client names the right one',
    remedy:
      "Tell the idempotency key and the client id that came with the write, also to the client that wrote: it knows its own changes by their keys. Never those of the connection's client.",
    async check({ hear, writer }) {
      const listener = await hear(writer.sample.collection);
      const id = writer.newId('key');
      const idempotencyKey = writer.newKey();
      await writer.create(id, 'first', { idempotencyKey, clientId: 'the-writer' });
      const change = await listener.change(id);
      expectEqual(change.idempotencyKey ?? idempotencyKey, idempotencyKey, 'The key of a change');
      expectEqual(change.clientId ?? 'the-writer', 'the-writer', 'The client id of a change');
    },
  },
  {
    id: 'cursor-leads-on',
    cites: 'S41',
    title: 'the cursor of a change leads to what came after it',
    remedy:
      'Give a change the cursor of its own place in the feed, or none. One too far skips a change, one too short repeats it.',
    skips: withoutFeed,
    async check({ hear, writer }) {
      const listener = await hear(writer.sample.collection);
      const [first, second] = [writer.newId('lead'), writer.newId('lead')];
      await writer.create(first, 'first');
      const { cursor } = await listener.change(first);
      await writer.create(second, 'first');
      if (cursor === undefined) return;
      const { changes } = await createFeedReader(writer).catchUp(cursor, 100);
      const has = (id: string): boolean => changes.some((change: RemoteChange) => change.id === id);
      expectThat(has(second), 'Reading on from the cursor of a change, the change after it is missing.');
      expectThat(!has(first), 'Reading on from the cursor of a change, the change itself comes again.');
    },
  },
  {
    id: 'epoch-told',
    cites: 'S39',
    title: 'the epoch at `open` is that of the feed',
    remedy: 'Tell the same epoch everywhere. A client that hears of another takes everything anew.',
    async skips({ writer }) {
      if (!writer.client.changes) return 'the client has no `changes` that would tell an epoch.';
      const { epoch } = await createFeedReader(writer).page(null, 1);
      return epoch === undefined ? 'the pages of `changes` tell no epoch.' : null;
    },
    async check({ hear, writer }) {
      const { epoch } = await createFeedReader(writer).page(null, 1);
      const { messages } = await hear(writer.sample.collection);
      const open = messages.find((message) => message.type === 'open');
      expectEqual(open?.epoch ?? epoch, epoch, 'The epoch at `open`');
    },
  },
];
