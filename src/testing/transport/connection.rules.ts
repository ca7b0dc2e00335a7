import { BehaviorSubject } from 'rxjs';
import { codeOf, expectThat, show, showError } from '../conformance/expectations.ts';
import type { ConformanceRule } from '../conformance/rule.ts';
import type { TransportBench } from './bench.ts';

const uncounted = ({ connections }: TransportBench): string | null =>
  connections ? null : 'connections cannot be counted: give `openConnections` in what `open` returns.';

/** Rules about channels and connections. */
export const connectionRules: readonly ConformanceRule<TransportBench>[] = [
  {
    id: 'channels-apart',
    cites: 'S41',
    title: 'only the channels that are wanted are told',
    remedy: 'Filter by channel at the backend: what a client did not ask for, it may not be allowed to see.',
    async check({ createOther, hear, writer }) {
      const listener = await hear(writer.sample.collection);
      const [unwanted, wanted] = [writer.newId('unwanted'), writer.newId('wanted')];
      await createOther(unwanted);
      await writer.create(wanted, 'first');
      await listener.change(wanted);
      const [stray] = listener.changesOf(unwanted);
      expectThat(stray === undefined, `Of a collection that was not asked for this was told: ${show(stray)}.`);
    },
  },
  {
    id: 'entity-channel',
    cites: 'S41',
    title: 'the channel of one entity tells of that entity only',
    remedy: 'Split a channel at its first slash: `notes/a/b` is the entity `a/b` of `notes`, and nothing else.',
    async check({ hear, writer }) {
      const { collection } = writer.sample;
      const [wanted, unwanted] = [writer.newId('wanted'), writer.newId('unwanted')];
      const listener = await hear(`${collection}/${wanted}`);
      await writer.create(unwanted, 'first');
      await writer.create(wanted, 'first');
      await listener.change(wanted);
      const [stray] = listener.changesOf(unwanted);
      expectThat(stray === undefined, `On the channel of one entity another was told: ${show(stray)}.`);
    },
  },
  {
    id: 'channel-added',
    cites: 'S41',
    title: 'a channel that is added later is told from then on',
    remedy: 'Stay subscribed to `channels$`, and ask the backend for what is added.',
    async check({ createOther, hear, writer }) {
      const { collection, otherCollection } = writer.sample;
      const listener = await hear(collection);
      listener.follow([
        { channel: collection, cursor: null },
        { channel: otherCollection, cursor: null },
      ]);
      await heardWhenFollowed(listener.changesOf, createOther, writer.newId, listener.until);
    },
  },
  {
    id: 'channel-removed',
    cites: 'S41',
    title: 'a channel that is taken away is not told any more',
    remedy: 'Stay subscribed to `channels$`, and tell the backend what is no longer wanted.',
    async check({ createOther, hear, writer }) {
      const { collection, otherCollection } = writer.sample;
      const listener = await hear(collection, otherCollection);
      listener.follow([{ channel: otherCollection, cursor: null }]);
      const [pause, removed, last] = [writer.newId('pause'), writer.newId('removed'), writer.newId('last')];
      await createOther(pause);
      await listener.change(pause);
      await writer.create(removed, 'first');
      await createOther(last);
      await listener.change(last);
      const [stray] = listener.changesOf(removed);
      expectThat(stray === undefined, `Of a channel that was taken away this was told: ${show(stray)}.`);
    },
  },
  {
    id: 'subscriptions-apart',
    title: 'who has unsubscribed hears nothing more, and the others go on',
    remedy: 'Make one connection for each subscription, and close only that one when it ends.',
    async check({ hear, writer }) {
      const [leaving, staying] = [await hear(writer.sample.collection), await hear(writer.sample.collection)];
      leaving.unsubscribe();
      const heard = leaving.messages.length;
      const id = writer.newId('apart');
      await writer.create(id, 'first');
      await staying.change(id);
      const later = leaving.messages.slice(heard);
      expectThat(later.length === 0, `After it had unsubscribed, a subscriber was told ${show(later)}.`);
      expectThat(leaving.end === null, 'A subscriber that had unsubscribed was told that the connection ended.');
    },
  },
  {
    id: 'connects-when-subscribed',
    cites: 'S44',
    title: 'nothing is opened before somebody subscribes',
    remedy: 'Return an Observable that connects for each subscriber: `connect` itself only describes the connection.',
    skips: uncounted,
    async check({ connections, hear, transport, writer }) {
      const channels$ = new BehaviorSubject([{ channel: writer.sample.collection, cursor: null }]);
      transport.connect({ clientId: 'nobody', channels$ });
      await hear(writer.sample.collection);
      await connections?.(1);
    },
  },
  {
    id: 'closes-when-unsubscribed',
    cites: 'S24',
    title: 'unsubscribing closes the connection, also before it is open',
    remedy: 'Close the socket in the teardown of the Observable, and do not open one when that was called before.',
    skips: uncounted,
    async check({ connections, hear, listen, writer }) {
      const listener = await hear(writer.sample.collection);
      await connections?.(1);
      listener.unsubscribe();
      listen([{ channel: writer.sample.collection, cursor: null }]).unsubscribe();
      await connections?.(0);
    },
  },
  {
    id: 'unauthorized-is-told',
    cites: 'S26',
    title: 'a token that is not accepted ends the stream with that error, before `open`',
    remedy: 'Emit `open` only when the token was accepted, and end the stream with UnauthorizedError when it was not.',
    skips: ({ unauthorized }) =>
      unauthorized ? null : 'there is no transport with a wrong token: give `unauthorized` in what `open` returns.',
    async check({ listen, unauthorized, writer }) {
      const listener = listen([{ channel: writer.sample.collection, cursor: null }], unauthorized);
      await listener.until(() => listener.end !== null, 'The end of a connection with a wrong token');
      expectThat(listener.messages.length === 0, `With a wrong token ${show(listener.messages)} was told.`);
      const { end } = listener;
      const isTold = end !== null && end !== 'completed' && codeOf(end.error) === 'unauthorized';
      const how = end !== null && end !== 'completed' ? `with ${showError(end.error)}` : 'without an error';
      expectThat(isTold, `A connection with a wrong token ended ${how}.`);
    },
  },
  {
    id: 'lost-is-an-error',
    cites: 'G14',
    title: 'a connection that is lost ends with a typed error',
    remedy:
      'End the stream with a SyncError, such as UnavailableError, and do not reconnect: the library does, with back-off. A stream that completes, or that stays silent, is never made good.',
    skips: ({ cut }) => (cut ? null : 'the connection cannot be broken: give `cut` in what `open` returns.'),
    async check({ cut, hear, writer }) {
      const listener = await hear(writer.sample.collection);
      await cut?.();
      await listener.until(() => listener.end !== null, 'The end of a connection that was broken');
      const { end } = listener;
      expectThat(
        end !== null && end !== 'completed',
        'A connection that was broken completed, as if it had been closed.',
      );
      expectThat(
        codeOf(end.error) !== undefined,
        `A connection that was broken ended with ${showError(end.error)}, which has no code.`,
      );
    },
  },
];

/** Asking for a channel takes a while: what is written before the backend has heard of it need not be told. */
async function heardWhenFollowed(
  changesOf: (id: string) => readonly unknown[],
  write: (id: string) => Promise<void>,
  newId: (hint: string) => string,
  until: (isSo: () => boolean, what: string) => Promise<void>,
): Promise<void> {
  const ids: string[] = [];
  const isHeard = (): boolean => ids.some((id) => changesOf(id).length > 0);
  for (let attempt = 0; attempt < 20 && !isHeard(); attempt += 1) {
    const id = newId('added');
    ids.push(id);
    await write(id);
    await new Promise((resolve) => {
      setTimeout(resolve, attempt * 5);
    });
  }
  await until(isHeard, 'A change of a channel that was added');
}
