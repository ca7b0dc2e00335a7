import { readAnswer, readRefusal, type Answer } from './answer.ts';
import { callBackend, type Call, type CallParts } from './call.ts';
import type { ClockOffset } from './clock-offset.ts';
import { dateOf, isFromBackend } from './response.ts';

/** One request of the protocol. */
export interface ExchangeRequest extends Call {
  /** The entity that is asked about. */
  readonly entityId?: string;
}

/** Requests to the backend, and their answers. */
export interface Exchange {
  /**
   * One request, one answer. Resolves only with a 2xx that bears the sign of the backend (`Sync-Protocol: 1`) and, but for
   * 204, JSON (G12). Everything else rejects with the `SyncError` it means. Honours the signal whatever `fetch` does.
   */
  send(request: ExchangeRequest, holder: string, signal: AbortSignal): Promise<Answer>;
}

/** What requests are made with. */
export interface ExchangeParts extends CallParts {
  readonly clockOffset: ClockOffset;
}

/** Exchanges over one `fetch`; concurrent ones share the token and the clock offset, nothing else. */
export function createExchange(parts: ExchangeParts): Exchange {
  const { clock, clockOffset } = parts;
  return {
    async send(request, holder, signal) {
      const { response, token, sentAtMs } = await callBackend(parts, request, holder, signal);
      const attempt = { token, signal, entityId: request.entityId ?? null };
      if (isFromBackend(response)) clockOffset.note(sentAtMs, clock.now(), dateOf(response));
      if (response.ok) return readAnswer(response, attempt);
      throw await readRefusal(response, attempt, clock.now() + (clockOffset.estimateMs() ?? 0));
    },
  };
}
