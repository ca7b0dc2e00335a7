import { isDeepStrictEqual } from 'node:util';
import type { Access } from '../access.ts';
import type { Principal } from '../options.ts';

/** `changed`: the same principal with other claims; `other`: another principal, which a socket never becomes. */
export type Presentation = 'accepted' | 'changed' | 'refused' | 'other';

/** Who a socket belongs to, for as long as it lives. Rejects when the app's hook fails. */
export interface Identity {
  /** Only after a token was accepted. */
  principal(): Principal;
  present(token: string | null): Promise<Presentation>;
  /** Presents the last accepted token again. */
  presentAgain(): Promise<Presentation>;
}

/** The identity of the socket that came with `request`; nobody yet. */
export function createIdentity(access: Access, request: Request): Identity {
  let accepted: { readonly token: string | null; readonly principal: Principal } | null = null;

  const present = async (token: string | null): Promise<Presentation> => {
    const principal = await access.identify(token, request);
    if (principal === null) return 'refused';
    const before = accepted?.principal ?? principal;
    if (before.id !== principal.id) return 'other';
    accepted = { token, principal };
    return isDeepStrictEqual(before, principal) ? 'accepted' : 'changed';
  };

  return {
    principal() {
      if (accepted === null) throw new Error('No token was accepted yet.');
      return accepted.principal;
    },
    present,
    presentAgain: () => present(accepted?.token ?? null),
  };
}
