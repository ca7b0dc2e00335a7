import type { BackendFact } from '../../machines/facts.ts';
import type { DrainOutcome } from '../../machines/queue.machine.ts';
import type { Reach, Verdict } from '../outbox/verdict.ts';

/** What one drain has met so far, and whether it should go on. */
export interface DrainRound {
  /** Nothing more is begun. */
  readonly isStopped: boolean;
  /** Something was acknowledged. */
  progressed(): void;
  /** The backend's own word came back. */
  answered(): void;
  /** A request failed for reasons of its own; too many in a row stop the round. */
  failed(verdict: Verdict & { type: 'unanswered' | 'deferred' }, generation: number): void;
  /** Nothing can be sent for now. */
  stop(): void;
  outcome(limits: { delayMs: number; nextDeadlineMs: number | null }): DrainOutcome;
}

/** `tolerated`: failures in a row, of different entities, after which the trouble is the backend's and not theirs. */
export function createDrainRound(tolerated: number): DrainRound {
  let failuresInRow = 0;
  let hasProgressed = false;
  let hasAnswered = false;
  let isStopped = false;
  let retryAfterMs = 0;
  let lastFailure: { reach: Reach; generation: number } | null = null;

  function factOf(): BackendFact | null {
    if (!lastFailure) return null;
    const { reach, generation } = lastFailure;
    if (reach === 'unauthorized') return { type: 'request.unauthorized', generation, purpose: 'write' };
    if (reach === 'answered' || hasAnswered) return null;
    return { type: reach === 'intercepted' ? 'backend.intercepted' : 'backend.unreachable' };
  }

  return {
    get isStopped() {
      return isStopped;
    },
    progressed() {
      hasProgressed = true;
      failuresInRow = 0;
    },
    answered() {
      hasAnswered = true;
    },
    failed({ reach, retryAfterMs: asked, type }, generation) {
      failuresInRow += 1;
      lastFailure = { reach, generation };
      retryAfterMs = Math.max(retryAfterMs, asked);
      if (type === 'deferred' || asked > 0 || reach === 'intercepted' || failuresInRow >= tolerated) {
        isStopped = true;
        if (reach === 'unreachable') hasAnswered = false;
      }
    },
    stop() {
      isStopped = true;
    },
    outcome({ delayMs, nextDeadlineMs }) {
      if (isStopped) {
        return { type: 'stopped', fact: factOf(), delayMs: retryAfterMs + delayMs, progressed: hasProgressed };
      }
      if (nextDeadlineMs === null) return { type: 'drained' };
      return { type: 'deferred', fact: factOf(), delayMs: Math.max(0, nextDeadlineMs) };
    },
  };
}
