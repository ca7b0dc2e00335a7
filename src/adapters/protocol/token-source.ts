import { SyncError, UnauthorizedError, UnavailableError } from '../../core/errors.ts';
import type { TokenProvider } from '../../ports/token.ts';
import { untilAborted } from './abort.ts';

/** The token in memory. The provider is called when there is none, once for all who wait. */
export interface TokenSource {
  /**
   * The token for one holder (a client id); null when there is none. Another holder never gets a token that was handed
   * out before: after a sign-out it may be another user's. Rejects with `unauthorized` for something that is no token,
   * `unavailable` when the provider fails, `aborted` or `timeout`.
   */
  get(holder: string, signal: AbortSignal): Promise<string | null>;
  /** The backend refused this token: unless a newer one is here already, the provider is called for the next request. */
  refuse(token: string | null): void;
}

interface Inquiry {
  readonly holder: string;
  readonly answer: Promise<string | null>;
  waiting: number;
}

/** A source that gives no token when there is no provider. */
export function createTokenSource(provider: TokenProvider | undefined): TokenSource {
  let kept: { readonly holder: string; readonly token: string | null } | null = null;
  let current: Inquiry | null = null;

  const inquire = (ask: TokenProvider, holder: string): Inquiry => {
    const inquiry: Inquiry = { holder, answer: askProvider(ask), waiting: 0 };
    inquiry.answer.then(
      (token) => {
        if (current !== inquiry) return;
        kept = { holder, token };
        current = null;
      },
      () => {
        if (current === inquiry) current = null;
      },
    );
    current = inquiry;
    return inquiry;
  };

  return {
    async get(holder, signal) {
      if (provider === undefined) return null;
      if (kept?.holder === holder) return kept.token;
      const inquiry = current?.holder === holder ? current : inquire(provider, holder);
      inquiry.waiting += 1;
      try {
        return await untilAborted(inquiry.answer, signal);
      } finally {
        inquiry.waiting -= 1;
        // A provider that never settles must not hold up whoever asks next.
        if (inquiry.waiting === 0 && current === inquiry) current = null;
      }
    },
    refuse(token) {
      if (kept?.token === token) kept = null;
    },
  };
}

async function askProvider(ask: TokenProvider): Promise<string | null> {
  const token = await callProvider(ask);
  if (token === '' || token === null || token === undefined) return null;
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) {
    throw new UnauthorizedError({
      message:
        'The token provider returned something that is no token: a string of visible ASCII characters is needed.',
    });
  }
  return token;
}

async function callProvider(ask: TokenProvider): Promise<unknown> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof SyncError) throw error;
    // What it threw is left out: it may quote a token.
    throw new UnavailableError({ message: 'The token provider failed. It is asked again with the next attempt.' });
  }
}
