import type { TabMessage, TabRequest } from './tab-message.ts';

/**
 * What of a message may pass through a disk where some fields are excluded or everything is encrypted (G17): nothing of what
 * entities hold. Null: nothing of it.
 */
export function withoutContent(message: TabMessage): TabMessage | null {
  switch (message.type) {
    case 'grown':
      return { from: message.from, type: 'grown', number: message.number };
    case 'news':
      return null;
    case 'ask':
      return hasContent(message.request) ? null : message;
    default:
      return message;
  }
}

/** Whether a request brings anything that an entity holds. */
export function hasContent(request: TabRequest): boolean {
  switch (request.type) {
    case 'load':
    case 'pull':
      return false;
    case 'resolve':
      return typeof request.choice === 'object' && request.choice !== null;
    case 'commit':
      return request.entries.some(
        (entry) => entry.type !== 'entity' || (entry.step.type !== 'retry' && entry.step.type !== 'discard'),
      );
  }
}
