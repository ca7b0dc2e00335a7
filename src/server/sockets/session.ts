import type { RawData, WebSocket } from 'ws';
import { createActor, fromPromise } from 'xstate';
import { sessionMachine, type Admission, type SessionCloseCode } from '../../../machines/session.machine.ts';
import type { Clock } from '../../ports/environment.ts';
import type { Access } from '../access.ts';
import { createTurns } from '../adapters/turns.ts';
import type { Limits } from '../limits.ts';
import type { Principal } from '../options.ts';
import type { FanOut } from '../ports/fan-out.ts';
import type { Store } from '../ports/store.ts';
import { createRateLimit } from '../rate-limit.ts';
import { createChannelGate } from './channel-gate.ts';
import { parseFrame, type ClientFrame } from './frames.ts';
import { keepAlive } from './keep-alive.ts';
import { createOutbox } from './outbox.ts';
import { sendMissed } from './send-missed.ts';
import type { SessionRegistry } from './session-registry.ts';
import { createSubscriptions } from './subscriptions.ts';

export interface SessionPorts {
  readonly store: Store;
  readonly fanOut: FanOut;
  readonly access: Access;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly registry: SessionRegistry;
  readonly newId: () => string;
  readonly reportFailure: (error: unknown) => void;
}

type Hello = Extract<ClientFrame, { type: 'hello' }>;
