import type { SessionEvent } from '../../../machines/session.machine.ts';
import type { Limits } from '../limits.ts';
import type { Store } from '../ports/store.ts';
import { createProblem } from '../problem.ts';
import type { ChannelGate } from './channel-gate.ts';
import type { ClientFrame } from './frames.ts';
import type { Identity, Presentation } from './identity.ts';
import type { Outbox, ServerFrame } from './outbox.ts';
import type { EndSession, SessionRegistry } from './session-registry.ts';

/** What the frames of a client do. Rejects when the app's hooks or the store fail. */
export interface FrameHandler {
  handle(frame: ClientFrame): Promise<void>;
  /** Looks again whether the token still is good, and what its principal may follow. */
  checkSession(): Promise<void>;
}

interface Parts {
  readonly store: Store;
  readonly limits: Limits;
  readonly registry: SessionRegistry;
  readonly newId: () => string;
  readonly identity: Identity;
  readonly outbox: Outbox;
  readonly gate: ChannelGate;
  readonly tell: (event: SessionEvent) => void;
  readonly end: EndSession;
}

const unknownType = createProblem('malformed-request', { detail: 'This server knows no such type of frame.' });

/** Handles the frames of one session; to be called with one at a time. */
export function createFrameHandler(parts: Parts): FrameHandler {
  const { identity, outbox, gate, tell, end } = parts;

  const sendAll = (frames: readonly ServerFrame[]): void => {
    for (const frame of frames) outbox.send(frame);
  };
  const judge = async (presentation: Presentation): Promise<void> => {
    if (presentation === 'refused') end(4401);
    if (presentation === 'other') end(4403);
    if (presentation === 'accepted') sendAll(await gate.recheck());
  };

  return {
    async handle(frame) {
      switch (frame.type) {
        case 'hello':
          return admit(parts, frame);
        case 'subscribe':
          sendAll(await gate.follow(frame.channels));
          if (frame.channels.some(({ cursor }) => cursor === null)) outbox.send({ type: 'poke' });
          return tell({ type: 'channel.added' });
        case 'unsubscribe':
          return gate.leave(frame.channels);
        case 'auth':
          return judge(await identity.present(frame.token));
        case 'ping':
          return outbox.send({ type: 'pong' });
        case 'unknown':
          return outbox.send({ type: 'error', problem: unknownType });
        case 'pong':
          return undefined;
      }
    },
    checkSession: async () => judge(await identity.presentAgain()),
  };
}

/**
 * The welcome is sent when the channels are followed: what is committed after a client has it either reaches the client by this
 * socket, or is in what it fetches from then on.
 */
async function admit(parts: Parts, hello: Extract<ClientFrame, { type: 'hello' }>): Promise<void> {
  const { store, limits, registry, identity, outbox, gate, tell, end } = parts;
  if ((await identity.present(hello.token)) === 'refused') return end(4401);
  if (!registry.name(end, identity.principal().id, hello.clientId)) return end(4429);
  const frames = await gate.follow(hello.channels);
  const { heartbeatMs, frameBytes: maxBytes } = limits;
  outbox.send({ type: 'welcome', sessionId: parts.newId(), epoch: store.epoch, heartbeatMs, maxBytes });
  const isOtherEpoch = hello.epoch !== null && hello.epoch !== store.epoch;
  if (isOtherEpoch) outbox.send({ type: 'resync', epoch: store.epoch });
  for (const frame of frames) if (frame.type !== 'resync' || !isOtherEpoch) outbox.send(frame);
  tell({ type: 'session.admitted' });
}
