import type { WebSocket } from 'ws';
import { createActor, fromPromise } from 'xstate';
import { sessionMachine, type CatchUpResult, type SessionEvent } from '../../../machines/session.machine.ts';
import type { Clock } from '../../ports/environment.ts';
import type { Access } from '../access.ts';
import type { Limits } from '../limits.ts';
import type { FanOut } from '../ports/fan-out.ts';
import type { Store } from '../ports/store.ts';
import { ProblemError } from '../problem.ts';
import { createRateLimit } from '../rate-limit.ts';
import type { FormatChange } from './change-text.ts';
import { createChannelGate } from './channel-gate.ts';
import type { FeedWindow } from './feed-window.ts';
import { createFrameHandler } from './frame-handler.ts';
import { createIdentity } from './identity.ts';
import { createInbound } from './inbound.ts';
import { keepAlive } from './keep-alive.ts';
import { createOutbox } from './outbox.ts';
import { sendMissed } from './send-missed.ts';
import type { EndSession, SessionRegistry } from './session-registry.ts';
import { createSubscriptions } from './subscriptions.ts';

/** What a session works with, shared by all sessions of a server. */
export interface SessionPorts {
  readonly store: Store;
  readonly fanOut: FanOut;
  readonly access: Access;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly registry: SessionRegistry;
  readonly window: FeedWindow;
  readonly formatChange: FormatChange;
  readonly newId: () => string;
  readonly reportFailure: (error: unknown) => void;
}

/** Serves one socket, which came with `request`, until it closes. */
export function openSession(ports: SessionPorts, socket: WebSocket, request: Request): void {
  const { store, fanOut, access, limits, clock, registry, reportFailure } = ports;
  const subscriptions = createSubscriptions();
  const outbox = createOutbox(socket, limits, {
    overflowed: () => end(null),
    drained: () => tell({ type: 'socket.drained' }),
  });
  const identity = createIdentity(access, request, () => outbox.send({ type: 'resync', epoch: store.epoch }));
  const gate = createChannelGate({ ...ports, subscriptions, identity });
  const receiver = { ...ports, epoch: store.epoch, outbox, subscriptions, identity };
  const actor = createSessionActor(socket, limits, clock, (signal) =>
    sendMissed(receiver, signal).catch((error: unknown) => {
      if (!(error instanceof ProblemError || signal.aborted)) reportFailure(error);
      throw error;
    }),
  );
  const isActive = (): boolean => actor.getSnapshot().status === 'active';
  const tell = (event: SessionEvent): void => {
    if (isActive()) actor.send(event);
  };
  const end: EndSession = (code) => tell({ type: 'session.end', code });
  const handler = createFrameHandler({ ...ports, identity, outbox, gate, tell, end });
  const framesPerSecond = limits.framesPerSecond;
  const rateLimit = createRateLimit({ perSecond: framesPerSecond, burst: 2 * framesPerSecond, now: () => clock.now() });
  const inbound = createInbound({
    socket,
    rateLimit,
    isOpen: () => isActive() && !actor.getSnapshot().matches('closing'),
    awaitsHello: () => actor.getSnapshot().matches('awaitingHello'),
    helloReceived: () => tell({ type: 'hello.received' }),
    handle: handler.handle,
    end,
    reportFailure,
  });

  const stops = [
    keepAlive(socket, clock, limits.heartbeatMs, () => end(null)),
    fanOut.subscribe((collections) => {
      if (subscriptions.followsAny(collections)) tell({ type: 'feed.grew' });
    }),
    repeat(clock, limits.sessionCheckMs, () => inbound.inTurn(handler.checkSession)),
    () => registry.forget(end),
  ];
  registry.open(end);
  actor.subscribe({ error: reportFailure });
  actor.start();
  socket.on('message', inbound.receive);
  socket.on('error', () => {});
  socket.on('close', () => {
    for (const stop of stops) stop();
    tell({ type: 'socket.closed' });
  });
}

function createSessionActor(
  socket: WebSocket,
  limits: Limits,
  clock: Clock,
  catchUp: (signal: AbortSignal) => Promise<CatchUpResult>,
) {
  const machine = sessionMachine.provide({
    actors: { sendMissed: fromPromise(({ signal }) => catchUp(signal)) },
    actions: {
      closeSocket: (_, code) => {
        socket.resume();
        if (code === null) socket.terminate();
        else socket.close(code);
      },
      cutOffSocket: () => socket.terminate(),
    },
    delays: { helloLimit: limits.helloMs, lagLimit: limits.lagMs },
  });
  return createActor(machine, { clock });
}

function repeat(clock: Clock, everyMs: number, work: () => void): () => void {
  let timer = clock.setTimeout(run, everyMs);
  function run(): void {
    timer = clock.setTimeout(run, everyMs);
    work();
  }
  return () => clock.clearTimeout(timer);
}
