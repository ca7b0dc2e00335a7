import type { Access } from '../access.ts';
import { nameClaims } from '../claims.ts';
import type { Principal } from '../options.ts';

/** `other`: another principal, which a socket never becomes. */
export type Presentation = 'accepted' | 'refused' | 'other';

/** Who a socket belongs to, for as long as it lives. Rejects when the app's hook fails. */
export interface Identity {
  /** Only after a token was accepted. */
  principal(): Principal;
  /** What the principal claims besides its id; only after a token was accepted. */
  claims(): string | null;
  present(token: string | null): Promise<Presentation>;
  /** Presents the last accepted token again. */
  presentAgain(): Promise<Presentation>;
}

/**
 * The identity of the socket that came with `request`; nobody yet. `claimsChanged` is called in the moment in which the same
 * principal comes to claim something else.
 */
export function createIdentity(access: Access, request: Request, claimsChanged: () => void): Identity {
  let accepted: {
    readonly token: string | null;
    readonly principal: Principal;
    readonly claims: string | null;
  } | null = null;

  const present = async (token: string | null): Promise<Presentation> => {
    const principal = await access.identify(token, request);
    if (principal === null) return 'refused';
    const before = accepted;
    if (before !== null && before.principal.id !== principal.id) return 'other';
    accepted = { token, principal, claims: nameClaims(principal) };
    if (before !== null && before.claims !== accepted.claims) claimsChanged();
    return 'accepted';
  };
  const known = () => {
    if (accepted === null) throw new Error('No token was accepted yet.');
    return accepted;
  };

  return {
    principal: () => known().principal,
    claims: () => known().claims,
    present,
    presentAgain: () => present(accepted?.token ?? null),
  };
}
