import type { SessionCloseCode } from '../../../machines/session.machine.ts';

/** Ends one session; the same function for as long as it lives. Idempotent. */
export type EndSession = (code: SessionCloseCode) => void;

/** The open sessions of this process, each known by how it is ended. */
export interface SessionRegistry {
  open(end: EndSession): void;
  /**
   * A client has one session: an older one of the same principal and client is ended with 4409. False: the principal has
   * too many, or the session is over.
   */
  name(end: EndSession, principalId: string, clientId: string): boolean;
  forget(end: EndSession): void;
  endAll(code: SessionCloseCode): void;
  size(): number;
}

interface Name {
  readonly principalId: string;
  readonly clientId: string;
}

/** An empty registry that lets each principal have so many named sessions. */
export function createSessionRegistry(sessionsPerPrincipal: number): SessionRegistry {
  const names = new Map<EndSession, Name | null>();
  const byPrincipal = new Map<string, Map<string, EndSession>>();

  return {
    open: (end) => void names.set(end, null),
    name(end, principalId, clientId) {
      if (!names.has(end)) return false;
      const sessions = byPrincipal.get(principalId) ?? new Map<string, EndSession>();
      const older = sessions.get(clientId);
      if (older === undefined && sessions.size >= sessionsPerPrincipal) return false;
      byPrincipal.set(principalId, sessions.set(clientId, end));
      names.set(end, { principalId, clientId });
      older?.(4409);
      return true;
    },
    forget(end) {
      const name = names.get(end);
      names.delete(end);
      if (name === undefined || name === null) return;
      const sessions = byPrincipal.get(name.principalId);
      if (sessions?.get(name.clientId) === end) sessions.delete(name.clientId);
      if (sessions?.size === 0) byPrincipal.delete(name.principalId);
    },
    endAll(code) {
      for (const end of [...names.keys()]) end(code);
    },
    size: () => names.size,
  };
}
