const protocolVersion = '1';

/** Whether the answer bears the sign of the backend. Nothing in between adds it. */
export function isFromBackend(response: Response): boolean {
  return response.headers.get('sync-protocol') === protocolVersion;
}

/** Whether a backend answered that speaks another version of the protocol. */
export function isOtherProtocol(response: Response): boolean {
  return response.headers.has('sync-protocol') && !isFromBackend(response);
}

/** The life of the server's data that the answer is of; null when it does not say. */
export function epochOf(response: Response): string | null {
  return response.headers.get('sync-epoch')?.trim() || null;
}

/** Whether the answer is a redirect that was not followed: browsers show those as opaque, with status 0. */
export function isRedirect({ type, status }: Response): boolean {
  return type === 'opaqueredirect' || (status >= 300 && status <= 399);
}

export function isHtml(response: Response): boolean {
  return /^(text\/html|application\/xhtml\+xml)/i.test(response.headers.get('content-type') ?? '');
}

export function isJson(response: Response): boolean {
  return /^application\/([\w.-]+\+)?json *(;|$)/i.test(response.headers.get('content-type') ?? '');
}

/** The entity tag without its quotes; null when there is none. */
export function etagOf(response: Response): string | null {
  return /^(?:W\/)?"(.*)"$/.exec(response.headers.get('etag') ?? '')?.[1] ?? null;
}

/** When the backend wrote the answer; null when a cache gave it or nothing is told. */
export function dateOf(response: Response): string | null {
  return Number(response.headers.get('age') ?? 0) === 0 ? response.headers.get('date') : null;
}

/** Lets go of a body that nobody reads: an unread one holds its connection. */
export function discard(response: Response): void {
  response.body?.cancel().catch(() => undefined);
}
