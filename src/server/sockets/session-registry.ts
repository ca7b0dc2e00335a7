import type { SessionCloseCode } from '../../../machines/session.machine.ts';

/** Whatever can be ended. */
interface Endable {
  end(code: SessionCloseCode): void;
}

/** The open sessions of this process. */
export interface SessionRegistry {
  open(session: Endable): void;
  /** A client has one session: an older one of the same principal and client is ended with 4409. False: the principal has too many. */
  name(session: Endable, principalId: string, clientId: string): boolean;
  forget(session: Endable): void;
  endAll(code: SessionCloseCode): void;
  size(): number;
}

export function createSessionRegistry(sessionsPerPrincipal: number): SessionRegistry {
  const names = new Map<Endable, { principalId: string; clientId: string } | null>();
  const byPrincipal = new Map<string, Map<string, Endable>>();

  const forget = (session: Endable): void => {
    const name = names.get(session);
    names.delete(session);
    if (name === undefined || name === null) return;
    const sessions = byPrincipal.get(name.principalId);
    if (sessions?.get(name.clientId) === session) sessions.delete(name.clientId);
    if (sessions?.size === 0) byPrincipal.delete(name.principalId);
  };

  return {
    open: (session) => void names.set(session, null),
    name(session, principalId, clientId) {
      const sessions = byPrincipal.get(principalId) ?? new Map<string, Endable>();
      const older = sessions.get(clientId);
      if (older === undefined && sessions.size >= sessionsPerPrincipal) return false;
      byPrincipal.set(principalId, sessions);
      sessions.set(clientId, session);
      names.set(session, { principalId, clientId });
      older?.end(4409);
      return true;
    },
    forget,
    endAll(code) {
      for (const session of [...names.keys()]) session.end(code);
    },
    size: () => names.size,
  };
}
