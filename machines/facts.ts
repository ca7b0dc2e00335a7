/** What a request was for: a backend may let anyone read and ask those who write who they are. */
export type RequestPurpose = 'read' | 'write';

/** What an exchange with the backend told about the way to it. Whoever talked reports it; the root tells whom it concerns. */
export type BackendFact =
  /** The backend's own word came back, whatever it said. */
  | { type: 'backend.answered' }
  /** Nothing came back, or nothing of the backend's. */
  | { type: 'backend.unreachable' }
  /** A network in between answered. */
  | { type: 'backend.intercepted' }
  /** 401 to a request sent under this token generation. */
  | { type: 'request.unauthorized'; generation: number; purpose: RequestPurpose }
  /** A token of this generation was accepted. */
  | { type: 'request.authorized'; generation: number; purpose: RequestPurpose };
