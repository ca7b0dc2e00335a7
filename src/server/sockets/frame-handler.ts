import type { SessionEvent } from '../../../machines/session.machine.ts';
import type { Limits } from '../limits.ts';
import type { Store } from '../ports/store.ts';
import { createProblem } from '../problem.ts';
import type { ChannelGate } from './channel-gate.ts';
import type { ClientFrame } from './frames.ts';
import type { Identity, Presentation } from './identity.ts';
import type { Outbox } from './outbox.ts';
import type { EndSession, SessionRegistry } from './session-registry.ts';

/** What the frames of a client do. Rejects when the app's hooks or the store fail. */
export interface FrameHandler {
  handle(frame: ClientFrame): Promise<void>;
  /** Looks again whether the session still is what it was when the token was accepted. */
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

export function createFrameHandler(parts: Parts): FrameHandler {
  const { store, identity, outbox, gate, tell, end } = parts;

  const judge = async (presentation: Presentation): Promise<void> => {
    if (presentation === 'refused') end(4401);
    if (presentation === 'other') end(4403);
    if (presentation !== 'changed') return;
    await gate.recheck(identity.principal());
    outbox.send({ type: 'resync', epoch: store.epoch });
  };

  return {
    async handle(frame) {
      switch (frame.type) {
        case 'hello':
          return admit(parts, frame);
        case 'subscribe':
          await gate.follow(identity.principal(), frame.channels);
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

async function admit(parts: Parts, hello: Extract<ClientFrame, { type: 'hello' }>): Promise<void> {
  const { store, limits, registry, identity, outbox, gate, tell, end } = parts;
  if ((await identity.present(hello.token)) === 'refused') return end(4401);
  const principal = identity.principal();
  if (!registry.name(end, principal.id, hello.clientId)) return end(4429);
  const { heartbeatMs, frameBytes: maxBytes } = limits;
  outbox.send({ type: 'welcome', sessionId: parts.newId(), epoch: store.epoch, heartbeatMs, maxBytes });
  if (hello.epoch !== null && hello.epoch !== store.epoch) outbox.send({ type: 'resync', epoch: store.epoch });
  await gate.follow(principal, hello.channels);
  tell({ type: 'session.admitted' });
}
