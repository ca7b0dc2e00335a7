import { BadResponseError, UnavailableError, type SyncError } from '../../core/errors.ts';
import type { RemoteChange } from '../../core/record.ts';
import type { Clock } from '../../ports/environment.ts';
import type { RealTimeChannel, RealTimeMessage } from '../../ports/real-time.ts';
import { compareChannels, splitChannels } from './channel-frames.ts';
import { createHeartbeat, type Heartbeat } from './heartbeat.ts';
import { readFrame, type InboundFrame } from './inbound-frame.ts';
import { errorOfChannel } from './refused-channel.ts';
import { createSequence } from './sequence.ts';

/** One connection's talk with the backend, apart from the socket that carries it. */
export interface Conversation {
  /** The socket is open. */
  opened(): void;
  /** These channels are wanted from now on. */
  follow(channels: readonly RealTimeChannel[]): void;
  received(data: unknown): void;
  /** Idempotent. Leaves no timer. */
  stop(): void;
}

/** What a conversation is held with: who talks, and where its frames go. */
export interface ConversationParts {
  readonly clock: Clock;
  readonly token: string | null;
  readonly clientId: string;
  readonly epoch: string | undefined;
  readonly send: (text: string) => void;
  readonly emit: (message: RealTimeMessage) => void;
  /** The connection is of no more use. */
  readonly fail: (error: SyncError) => void;
}

type Welcome = Extract<InboundFrame, { type: 'welcome' }>;

const welcomeTimeoutMs = 30_000;
const helloBytes = 32_768;
const maxFrameLength = 2 * 1024 * 1024;

/**
 * Says hello once the socket is open and the channels are known, emits `open` at the welcome, and from then on changes,
 * refused channels, pokes and resyncs in the order of their frames. What may have been missed becomes a poke before the frame that showed it
 * (G11).
 */
export function createConversation(parts: ConversationParts): Conversation {
  const { clock, emit, fail } = parts;
  const send = (frame: object): void => parts.send(JSON.stringify(frame));
  const sequence = createSequence();
  let isOpen = false;
  let wanted: readonly RealTimeChannel[] | null = null;
  let followed: readonly RealTimeChannel[] | null = null;
  let welcome: Welcome | null = null;
  let heartbeat: Heartbeat | null = null;
  const welcomeTimer = clock.setTimeout(() => {
    fail(new UnavailableError({ message: 'The backend did not welcome the real-time connection in time.' }));
  }, welcomeTimeoutMs);

  const sayHello = (): void => {
    if (!isOpen || wanted === null || followed !== null) return;
    const [first = []] = splitChannels(wanted, helloBytes);
    followed = first;
    const { token, clientId, epoch } = parts;
    send({
      type: 'hello',
      ...(token === null ? {} : { token }),
      clientId,
      ...(epoch === undefined ? {} : { epoch }),
      channels: first,
    });
  };
  const tellChannels = (type: 'subscribe' | 'unsubscribe', channels: readonly RealTimeChannel[]): void => {
    if (channels.length === 0 || welcome === null) return;
    for (const part of splitChannels(channels, welcome.maxBytes / 2)) send({ type, channels: part });
  };
  const adjustChannels = (): void => {
    if (welcome === null || wanted === null || followed === null) return;
    const { added, removed } = compareChannels(followed, wanted);
    followed = wanted;
    tellChannels('unsubscribe', removed);
    tellChannels('subscribe', added);
  };
  const enter = (frame: Welcome): void => {
    welcome = frame;
    clock.clearTimeout(welcomeTimer);
    heartbeat = createHeartbeat({
      clock,
      intervalMs: frame.heartbeatMs,
      ping: () => send({ type: 'ping' }),
      lost: () => fail(new UnavailableError({ message: 'The real-time connection is dead: nothing comes back.' })),
    });
    emit(frame.epoch === null ? { type: 'open' } : { type: 'open', epoch: frame.epoch });
    adjustChannels();
  };
  const takeChange = (seq: number | null, prev: number | null, change: RemoteChange): void => {
    const placement = sequence.place(seq, prev);
    if (placement === 'repeat') return;
    if (placement === 'gap') emit({ type: 'poke' });
    emit({ type: 'change', change });
  };
  const take = (frame: InboundFrame): void => {
    if (frame.type === 'ignored') return;
    if (frame.type === 'ping') return send({ type: 'pong' });
    if (frame.type === 'welcome') return welcome === null ? enter(frame) : undefined;
    if (welcome === null) return fail(new BadResponseError('The real-time connection did not begin with a welcome.'));
    if (frame.type === 'change') return takeChange(frame.seq, frame.prev, frame.change);
    if (frame.type === 'error') {
      const { channel, problem } = frame;
      return emit({ type: 'refused', channel, error: errorOfChannel(problem, parts.token) });
    }
    emit({ type: frame.type === 'resync' ? 'resync' : 'poke' });
  };

  return {
    opened() {
      isOpen = true;
      sayHello();
    },
    follow(channels) {
      wanted = channels;
      sayHello();
      adjustChannels();
    },
    received(data) {
      heartbeat?.heard();
      if (typeof data !== 'string' || data.length > maxFrameLength) {
        return fail(new BadResponseError('A frame of the real-time connection is binary or too large.'));
      }
      take(readFrame(data));
    },
    stop() {
      clock.clearTimeout(welcomeTimer);
      heartbeat?.stop();
    },
  };
}
